"""Proving an account, and what a stranger learns by trying: nothing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from chalicelib.models.limits import Budget
from local.inbox import Inbox
from tests.builders import Centre, MadeAccount, Person, fresh_number
from tests.conftest import Travel, Trips

People = Callable[..., Person]


def prove(
    api: httpx.Client, who: Person, account: MadeAccount | str, amount: int, **by: str
) -> httpx.Response:
    body = {"account_number": str(account), "amount": amount, **(by or {"period": "2026-10"})}
    return api.post("/v1/account-proofs", json=body, headers=who.headers)


def test_a_bills_amount_to_the_kopeck_proves_the_account_and_shows_the_address(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account, owner = centre.account(to_pay=383_719, insurance=6_780), person()

    with_insurance = prove(api, owner, account, 383_719)
    without = prove(api, owner, account, 376_939)

    for answer in (with_insurance, without):
        assert answer.status_code == 200
        assert answer.json()["address"] == "г. Примерск, ул. Образцовая, д. 1, кв. 2"
        assert answer.json()["expires_in_seconds"] == 900
        assert set(answer.json()) == {"proof_id", "address", "expires_in_seconds"}


def test_each_of_the_last_three_closed_months_proves_and_an_older_one_does_not(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(bills=4)
    answers = [
        prove(api, person(), account, int(bill.to_pay), period=bill.period)
        for bill in account.bills
    ]

    assert [a.status_code for a in answers] == [200, 200, 200, 422]
    assert answers[3].json()["code"] == "proof_failed"


def test_the_month_closes_by_moscows_calendar(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(bills=1)
    centre.bill(account.number, "2026-11", to_pay=111_111)

    travel.to(datetime(2026, 11, 30, 20, 59, tzinfo=UTC))
    before = prove(api, person(), account, 111_111, period="2026-11")
    travel.to(datetime(2026, 11, 30, 21, 0, tzinfo=UTC))
    after = prove(api, person(), account, 111_111, period="2026-11")

    assert (before.status_code, after.status_code) == (422, 200)


def test_the_questions_are_alike_for_every_number_and_their_answer_proves(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account, owner = centre.account(debt_at_start=5_000, paid=5_000), person()
    trips.clear()

    known, unknown, unnamed = (
        api.get(f"/v1/account-questions{query}", headers=owner.headers)
        for query in (f"?account_number={account}", f"?account_number={fresh_number()}", "")
    )

    assert known.content == unknown.content == unnamed.content
    assert trips == []
    assert [q["period"] for q in known.json()["items"]] == ["2026-10", "2026-09", "2026-08"]
    assert known.json()["items"][1]["text"] == (
        "Какая сумма стоит в строке «Начислено» за 09.2026?"
    )
    question_id = known.json()["items"][1]["question_id"]
    charged = int(account.bills[1].charged)
    assert prove(api, owner, account, charged - 1, question_id=question_id).status_code == 422
    assert prove(api, owner, account, charged, question_id=question_id).status_code == 200


def test_unknown_number_unknown_month_and_wrong_amount_are_one_answer(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account = centre.account(bills=1)
    tries: list[tuple[Any, int, dict[str, str]]] = [
        (account, 1, {"period": "2026-10"}),
        (account, account.to_pay, {"period": "2026-09"}),
        (account, account.to_pay, {"period": "2026-11"}),
        (account, account.to_pay, {"period": "2020-01"}),
        (fresh_number(), 383_719, {"period": "2026-10"}),
        (fresh_number(), 383_719, {"question_id": "charged-2026-10"}),
    ]
    seen = set()

    for number, amount, by in tries:
        headers = person().headers
        trips.clear()
        body = {"account_number": str(number), "amount": amount, **by}
        answer = api.post("/v1/account-proofs", json=body, headers=headers)
        seen.add((answer.status_code, answer.content, str(answer.headers), tuple(trips)))

    assert len(seen) == 1
    status, content, _, calls = seen.pop()
    problem = json.loads(content)
    assert (status, problem["code"]) == (422, "proof_failed")
    assert [(e["field"], e["code"]) for e in problem["errors"]] == [
        ("account_number", "proof_failed"),
        ("amount", "proof_failed"),
    ]
    assert calls == ("TransactWriteItems", "BatchGetItem")


@pytest.mark.parametrize(
    ("to_pay", "insurance", "amount"),
    [(0, 0, 0), (6_780, 6_780, 6_780), (6_780, 6_780, 0), (-100, 0, 0)],
)
def test_an_amount_that_anybody_could_guess_proves_nothing(
    api: httpx.Client, centre: Centre, person: People, to_pay: int, insurance: int, amount: int
) -> None:
    account = centre.account(to_pay=to_pay, insurance=insurance, bills=1)

    assert prove(api, person(), account, amount).status_code == 422
    assert prove(api, person(), account, amount, question_id="charged-2026-10").status_code == 422


def test_after_five_failures_an_account_is_closed_to_everybody_for_thirty_days(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account, unknown = centre.account(bills=6), fresh_number()
    for number in (account, unknown):
        assert {prove(api, person(), number, 1).status_code for _ in range(5)} == {422}

    refused = [prove(api, person(), number, 383_719) for number in (account, unknown)]

    for answer in refused:
        assert answer.status_code == 429
        assert answer.json()["code"] == "too_many_proofs"
        assert answer.headers["retry-after"] == str(30 * 24 * 3600)
    assert refused[0].content == refused[1].content
    travel.forward(days=30)
    later = {"period": "2026-11"}
    centre.bill(account.number, "2026-11", to_pay=222_222)
    assert prove(api, person(), account, 222_222, **later).status_code == 200


def test_after_five_failures_a_client_waits_a_day(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account, guesser = centre.account(), person()
    assert {prove(api, guesser, fresh_number(), 1).status_code for _ in range(5)} == {422}

    answer = prove(api, guesser, account, account.to_pay)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(24 * 3600))
    assert prove(api, person(), account, account.to_pay).status_code == 200
    travel.forward(days=1)
    assert prove(api, guesser, account, account.to_pay).status_code == 200


def test_a_right_answer_does_not_count(api: httpx.Client, centre: Centre, person: People) -> None:
    account, owner = centre.account(), person()

    assert {prove(api, owner, account, account.to_pay).status_code for _ in range(8)} == {200}
    assert {prove(api, owner, account, 1).status_code for _ in range(5)} == {422}
    assert prove(api, owner, account, account.to_pay).status_code == 429


def test_a_refused_try_compares_nothing(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account = centre.account()
    for _ in range(5):
        prove(api, person(), account, 1)
    headers = person().headers
    trips.clear()

    body = {"account_number": account.number, "period": "2026-10", "amount": account.to_pay}
    answer = api.post("/v1/account-proofs", json=body, headers=headers)

    assert answer.status_code == 429
    assert trips == ["TransactWriteItems"]


def test_fifty_guesses_at_once_compare_at_most_five(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account = centre.account()
    guessers = [person() for _ in range(50)]
    trips.clear()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda who: prove(api, who, account, 1), guessers))

    codes = [answer.json()["code"] for answer in answers]
    assert set(codes) <= {"proof_failed", "too_many_proofs", "try_again"}
    assert codes.count("proof_failed") == trips.count("BatchGetItem") == 5


def test_the_breaker_closes_proofs_for_everybody_until_the_next_hour(
    api: httpx.Client,
    centre: Centre,
    person: People,
    travel: Travel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chalicelib.config import settings

    small = settings().model_copy(update={"PROOF_FAILURES_PER_HOUR": 3})
    monkeypatch.setattr("chalicelib.services.proofs.settings", lambda: small)
    travel.to(datetime(2027, 1, 5, 10, 20, tzinfo=UTC))
    account = centre.account()
    assert {prove(api, person(), fresh_number(), 1).status_code for _ in range(3)} == {422}

    refused = prove(api, person(), account, account.to_pay, period="2026-12")
    travel.forward(seconds=Budget.wait_seconds(travel.now()))
    later = prove(api, person(), account, account.to_pay, period="2026-12")

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2400")
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"amount": 1}, "question_id", "field_required"),
        (
            {"amount": 1, "period": "2026-10", "question_id": "charged-2026-10"},
            "question_id",
            "either_or",
        ),
        ({"amount": 1, "question_id": "colour"}, "question_id", "field_invalid"),
        ({"amount": 1, "period": "2026-13"}, "period", "field_invalid"),
        ({"amount": 1.0, "period": "2026-10"}, "amount", "wrong_type"),
        ({"amount": "1", "period": "2026-10"}, "amount", "wrong_type"),
        ({"amount": -1, "period": "2026-10"}, "amount", "out_of_range"),
        ({"period": "2026-10"}, "amount", "field_required"),
    ],
)
def test_a_malformed_proof_is_refused_by_field_and_not_counted(
    api: httpx.Client, person: People, trips: Trips, body: dict[str, Any], field: str, code: str
) -> None:
    headers = person().headers
    trips.clear()

    answer = api.post(
        "/v1/account-proofs", json={"account_number": "12345678", **body}, headers=headers
    )

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert trips == []


def test_holders_are_told_of_a_new_one_and_of_nothing_else_about_them(
    api: httpx.Client,
    centre: Centre,
    person: People,
    inbox: Inbox,
    drain: Callable[[], None],
) -> None:
    account = centre.account()
    person(email="owner-proofs@post.example", email_confirmed=True).holds(account)
    unproven = person(email="waiting@post.example", email_confirmed=True)
    unproven.holds(account, verified=False)
    family = person(email="family-proofs@post.example", email_confirmed=True, last_name="Тайнов")
    proof = prove(api, family, account, account.to_pay).json()["proof_id"]

    for _ in range(2):
        api.post("/v1/accounts", json={"proof_id": proof}, headers=family.headers)
    drain()

    letters = inbox.mail("owner-proofs@post.example")
    assert len(letters) == 1
    assert account.number in str(letters[0])
    assert not any(word in str(letters[0]) for word in ("Тайнов", family.phone, "family-proofs"))
    assert not inbox.mail("waiting@post.example")
    assert not inbox.mail("family-proofs@post.example")


def test_an_account_has_only_so_many_holders(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    for _ in range(20):
        person().holds(account)
    late = person()
    proof = prove(api, late, account, account.to_pay).json()["proof_id"]

    answer = api.post("/v1/accounts", json={"proof_id": proof}, headers=late.headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_holders")
