"""Linking accounts and what their holders see: the owner, one of the family, a stranger."""

from collections.abc import Callable

import httpx
import pytest
from pynamodb.models import Model

from chalicelib.models.account import Account
from chalicelib.models.holder import HeldAccount, Holder, Holdings
from chalicelib.models.mandate import ACTIVE, Mandate, due_key, mandate_item
from tests.builders import Centre, MadeAccount, Person, fresh_number
from tests.conftest import BASE, Travel, Trips

People = Callable[..., Person]


def proof_of(api: httpx.Client, who: Person, account: MadeAccount) -> str:
    answer = api.post(
        "/v1/account-proofs",
        json={
            "account_number": account.number,
            "period": account.bills[0].period,
            "amount": account.to_pay,
        },
        headers=who.headers,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["proof_id"])


def link(api: httpx.Client, who: Person, **body: object) -> httpx.Response:
    return api.post("/v1/accounts", json=body, headers=who.headers)


def listed(api: httpx.Client, who: Person) -> dict[str, dict[str, object]]:
    answer = api.get("/v1/accounts", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return {item["account_number"]: item for item in answer.json()["items"]}


def test_a_proven_account_is_linked_and_shown_whole(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account, owner = centre.account(to_pay=383_719, insurance=6_780), person()

    answer = link(api, owner, proof_id=proof_of(api, owner, account), name="Дом")

    assert answer.status_code == 201
    body = answer.json()
    assert body == api.get(f"/v1/accounts/{account}", headers=owner.headers).json()
    assert body | {"balance": None, "reading_window": None} == {
        "account_number": account.number,
        "name": "Дом",
        "primary": True,
        "verified": True,
        "address": "г. Примерск, ул. Образцовая, д. 1, кв. 2",
        "owner_name": "Пробный Абонент Тестович",
        "total_area": "33.90",
        "living_area": "20.80",
        "residents": 2,
        "registered": 2,
        "ownership": "private",
        "balance": None,
        "insurance_available": True,
        "bill_period": "2026-10",
        "bill_due_on": "2026-11-15",
        "autopayment": None,
        "reading_window": None,
    }
    assert body["reading_window"] == {
        "opens_on": "2026-11-01",
        "closes_on": "2026-11-30",
        "open": True,
    }
    assert body["balance"] == {
        "to_pay": {"amount": 383_719, "currency": "RUB"},
        "to_pay_without_insurance": {"amount": 376_939, "currency": "RUB"},
        "advance": {"amount": 0, "currency": "RUB"},
        "debt_at_start": {"amount": 0, "currency": "RUB"},
        "charged": {"amount": 383_719, "currency": "RUB"},
        "paid": {"amount": 0, "currency": "RUB"},
        "as_of": "2026-11-01T06:00:00Z",
    }


def test_an_unproven_number_shows_nothing_but_itself_known_or_not(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    somebody, known, unknown = person(), centre.account(), fresh_number()

    answers = [link(api, somebody, account_number=str(n)) for n in (known, unknown)]

    seen = [a.json() | {"account_number": "", "primary": False} for a in answers]
    assert [a.status_code for a in answers] == [201, 201]
    assert seen[0] == seen[1]
    assert {k for k, v in seen[0].items() if v is not None} == {
        "account_number",
        "primary",
        "verified",
    }
    assert answers[0].json()["verified"] is False
    for number in (known, unknown):
        for room in ("bills", "suppliers"):
            answer = api.get(f"/v1/accounts/{number}/{room}", headers=somebody.headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "account_not_verified")


def test_proving_later_opens_an_account_that_was_linked_by_its_number(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    owner, account = person(), centre.account()
    link(api, owner, account_number=account.number, name="Родители")

    answer = link(api, owner, proof_id=proof_of(api, owner, account))

    assert answer.status_code == 201
    assert answer.json()["verified"] is True
    assert answer.json()["name"] == "Родители"
    assert list(listed(api, owner)) == [account.number]


def test_linking_again_changes_nothing_and_never_takes_a_proof_back(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    owner, account = person(), centre.account()
    first = link(api, owner, proof_id=proof_of(api, owner, account), name="Дом").json()

    again = link(api, owner, proof_id=proof_of(api, owner, account))
    by_number = link(api, owner, account_number=account.number)

    assert again.json() == by_number.json() == first


def test_a_proof_is_good_for_its_own_client_and_for_fifteen_minutes(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    owner, stranger, account = person(), person(), centre.account()
    proof = proof_of(api, owner, account)

    foreign = link(api, stranger, proof_id=proof)
    travel.forward(minutes=15)
    late = link(api, owner, proof_id=proof)
    garbage = link(api, owner, proof_id="x.y.z")
    access = link(api, owner, proof_id=owner.headers["Authorization"].removeprefix("Bearer "))

    for answer in (foreign, late, garbage, access):
        assert answer.status_code == 422
        assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
            ("proof_id", "proof_invalid")
        ]


def test_exactly_one_of_proof_and_number_is_asked_for(api: httpx.Client, person: People) -> None:
    owner = person()

    neither = link(api, owner, name="Дом")
    both = link(api, owner, proof_id="x", account_number="12345678")
    odd = [link(api, owner, account_number=n) for n in ("12345", "1" * 21, "1234567x", "١٢٣٤٥٦٧٨")]

    assert [e["code"] for e in neither.json()["errors"]] == ["field_required"]
    assert [e["code"] for e in both.json()["errors"]] == ["either_or"]
    assert {a.status_code for a in odd} == {422}
    assert link(api, owner, account_number="12345678", verified=True).json()["errors"] == [
        {
            "field": "verified",
            "code": "unknown_field",
            "detail": "Такого поля нет.",
        }
    ]


def test_the_first_account_is_primary_and_another_follows_when_it_leaves(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    owner = person()
    home, dacha = centre.account(), centre.account()
    for account in (home, dacha):
        link(api, owner, proof_id=proof_of(api, owner, account))
    assert [item["primary"] for item in listed(api, owner).values()] == [True, False]

    changed = api.patch(f"/v1/accounts/{dacha}", json={"primary": True}, headers=owner.headers)

    assert changed.json()["primary"] is True
    assert list(listed(api, owner)) == [dacha.number, home.number]

    assert api.delete(f"/v1/accounts/{dacha}", headers=owner.headers).status_code == 204

    assert [(n, i["primary"]) for n, i in listed(api, owner).items()] == [(home.number, True)]

    assert api.delete(f"/v1/accounts/{home}", headers=owner.headers).status_code == 204
    link(api, owner, account_number=dacha.number)

    assert [(n, i["primary"]) for n, i in listed(api, owner).items()] == [(dacha.number, True)]


def test_a_name_is_given_and_taken_away(api: httpx.Client, centre: Centre, person: People) -> None:
    account = centre.account()
    owner = person().holds(account)

    def rename(body: dict[str, object]) -> httpx.Response:
        return api.patch(f"/v1/accounts/{account}", json=body, headers=owner.headers)

    assert rename({"name": "  Дача у озера "}).json()["name"] == "Дача у озера"
    assert rename({}).json()["name"] == "Дача у озера"
    assert rename({"name": None}).json()["name"] is None
    assert rename({"name": " "}).json()["errors"][0]["code"] == "too_short"
    assert rename({"name": "Дoм"}).json()["errors"][0]["code"] == "mixed_alphabets"
    assert rename({"name": "Дом\u202eмод"}).json()["errors"][0]["code"] == "control_characters"
    assert rename({"primary": False}).status_code == 422


def test_foreign_absent_and_malformed_accounts_are_one_answer(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    person().holds(account)
    stranger = person()

    for method, room, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Моё"}),
        ("DELETE", "", None),
        ("GET", "/bills", None),
        ("GET", "/bills/2026-10", None),
        ("GET", "/suppliers", None),
    ):
        answers = [
            api.request(method, f"/v1/accounts/{number}{room}", json=body, headers=stranger.headers)
            for number in (account.number, fresh_number(), "nothing", "1", "%23", "1" * 40)
        ]

        assert {a.status_code for a in answers} == {404}, (method, room)
        assert len({a.content for a in answers}) == 1
        assert len({str(sorted(a.headers.items())) for a in answers}) == 1


def test_an_unlinked_account_is_as_foreign_as_any(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    owner, family = person().holds(account), person().holds(account)

    api.delete(f"/v1/accounts/{account}", headers=owner.headers)

    assert api.get(f"/v1/accounts/{account}", headers=owner.headers).status_code == 404
    assert api.get(f"/v1/accounts/{account}/bills", headers=owner.headers).status_code == 404
    assert api.delete(f"/v1/accounts/{account}", headers=owner.headers).status_code == 404
    assert api.get(f"/v1/accounts/{account}", headers=family.headers).status_code == 200


def test_the_list_sums_every_proven_account_over_all_pages(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    owner = person()
    amounts = (100_001, 200_002, 300_003)
    for amount in amounts:
        owner.holds(centre.account(to_pay=amount, insurance=0))
    owner.holds(centre.account(to_pay=999_999), verified=False)

    pages, cursor = [], ""
    while True:
        answer = api.get(f"/v1/accounts?limit=3{cursor}", headers=owner.headers).json()
        pages.append(answer)
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"

    assert [len(page["items"]) for page in pages] == [3, 1]
    assert len({item["account_number"] for page in pages for item in page["items"]}) == 4
    assert {page["total_to_pay"]["amount"] for page in pages} == {sum(amounts)}
    assert not pages[0]["all_paid"]


def test_all_is_paid_when_nothing_is_due(api: httpx.Client, centre: Centre, person: People) -> None:
    owner = person().holds(centre.account(to_pay=0, insurance=0))

    body = api.get("/v1/accounts", headers=owner.headers).json()

    assert body["all_paid"] is True
    assert body["total_to_pay"] == {"amount": 0, "currency": "RUB"}


def test_a_client_without_accounts_has_an_empty_list(api: httpx.Client, person: People) -> None:
    body = api.get("/v1/accounts", headers=person().headers).json()

    assert body["items"] == []
    assert body["next_cursor"] is None


def test_a_made_up_cursor_is_refused(api: httpx.Client, person: People) -> None:
    for cursor in ("x", "e30", "bnVsbA", "W10", "WzFd", "%F0%9F%98%80"):
        answer = api.get(f"/v1/accounts?cursor={cursor}", headers=person().headers)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "cursor_invalid"


@pytest.mark.parametrize("primary", [1, 1.0, "true", False])
def test_only_true_makes_an_account_the_primary_one(
    api: httpx.Client, centre: Centre, person: People, primary: object
) -> None:
    account = centre.account()
    owner = person().holds(account)

    answer = api.patch(f"/v1/accounts/{account}", json={"primary": primary}, headers=owner.headers)

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == ["primary"]


@pytest.mark.parametrize("model", [Account, Holder, HeldAccount, Holdings])
def test_no_stored_field_can_be_sent_in(
    api: httpx.Client, centre: Centre, person: People, model: type[Model]
) -> None:
    account = centre.account()
    owner = person().holds(account)
    inside = set(model.get_attributes()) - {"account_number", "name", "primary"}

    for name in inside:
        for method, path in (("POST", ""), ("PATCH", f"/{account}")):
            answer = api.request(
                method, f"/v1/accounts{path}", json={name: "1"}, headers=owner.headers
            )
            refused = {e["field"]: e["code"] for e in answer.json()["errors"]}
            assert (answer.status_code, refused[name]) == (422, "unknown_field")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/account-questions?account_number=12345678"),
        ("POST", "/v1/account-proofs"),
        ("POST", "/v1/accounts"),
        ("GET", "/v1/accounts"),
        ("GET", "/v1/accounts/12345678"),
        ("PATCH", "/v1/accounts/12345678"),
        ("DELETE", "/v1/accounts/12345678"),
        ("GET", "/v1/accounts/12345678/suppliers"),
        ("GET", "/v1/accounts/12345678/bills"),
        ("GET", "/v1/accounts/12345678/bills/2026-10"),
        ("POST", "/v1/connection-applications"),
    ],
)
def test_nobody_gets_in_without_signing_in(
    api: httpx.Client, trips: Trips, method: str, path: str
) -> None:
    trips.clear()

    answer = api.request(method, path, json={} if method in ("POST", "PATCH") else None)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert trips == []


def test_the_list_costs_one_more_batch_per_fifty_accounts(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    owner = person()
    for _ in range(51):
        owner.holds(centre.account(bills=0))
    headers = owner.headers
    trips.clear()

    answer = api.get("/v1/accounts?limit=200", headers=headers).json()

    assert len(answer["items"]) == 51
    assert trips == ["Query", "BatchGetItem", "BatchGetItem"]


def test_the_list_costs_one_query_and_one_batch(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    owner = person().holds(centre.account()).holds(centre.account())
    trips.clear()

    api.get("/v1/accounts", headers=owner.headers)

    assert trips == ["Query", "BatchGetItem"]


def test_an_automatic_payment_ends_with_the_right_to_the_account(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    owner, family = person().holds(account), person().holds(account)
    for who in (owner, family):
        Mandate(
            account.number,
            mandate_item(who.client_id),
            mandate_id=f"man_{who.client_id}",
            client_id=who.client_id,
            status=ACTIVE,
            due=due_key(20, account.number),
            created_at=BASE,
        ).save()

    answer = api.delete(f"/v1/accounts/{account}", headers=owner.headers)

    assert answer.status_code == 204
    left = Mandate.query(account.number, Mandate.item.startswith("mandate#"))
    assert [mandate.client_id for mandate in left] == [family.client_id]
