"""One list of what was paid here and what the billing tells of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chalicelib import clock, ids
from chalicelib.models.entry import ImportedPayment, imported_item
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Travel, Trips
from tests.paying import Till
from tests.services.test_settlement import started


def told(
    account: MadeAccount, amount: int, at: datetime, payment_id: str | None = None
) -> ImportedPayment:
    """A payment or reversal as the billing tells of it."""
    imported_id = ids.new_id("imp")
    row = ImportedPayment(
        account.number,
        imported_item(at, imported_id),
        imported_id=imported_id,
        amount=amount,
        paid_at=at,
        period=f"{at:%Y-%m}",
        payment_id=payment_id,
        revision="1",
    )
    row.save()
    return row


def listed(api: httpx.Client, person: Person, **query: Any) -> dict[str, Any]:
    answer = api.get("/v1/payments", params=query, headers=person.headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def amounts(page: dict[str, Any]) -> list[int]:
    return [item["amount"]["amount"] for item in page["items"]]


def test_own_and_imported_payments_are_one_list_newest_first(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    first, second = centre.account(), centre.account()
    resident = person().holds(first).holds(second)
    base = clock.now()
    told(first, 300, base - timedelta(days=40))
    told(first, -300, base - timedelta(days=39))
    told(second, 100, base - timedelta(days=60))
    till.started(resident, till.item(first, 1_000))
    travel.forward(days=1)
    told(second, 500, clock.now())
    travel.forward(days=1)
    till.started(resident, till.item(second, 2_000))

    page = listed(till.api, resident)

    assert amounts(page) == [2_000, 500, 1_000, -300, 300, 100]
    assert [item["source"] for item in page["items"]] == [
        "cabinet",
        "billing",
        "cabinet",
        "billing",
        "billing",
        "billing",
    ]
    assert page["items"][3]["status"] == "paid"
    assert page["next_cursor"] is None


def test_every_payment_of_the_list_answers_under_its_id_and_nobody_elses_does(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account, other = centre.account(), centre.account()
    resident = person().holds(account)
    told(account, 300, clock.now() - timedelta(days=40))
    reversal = told(account, -300, clock.now() - timedelta(days=39))
    till.started(resident, till.item(account, 1_000))
    foreign = told(other, 700, clock.now() - timedelta(days=3))

    for item in listed(till.api, resident)["items"]:
        answer = till.api.get(f"/v1/payments/{item['id']}", headers=resident.headers)
        assert (answer.status_code, answer.json()) == (200, item)

    def seen(viewer: Person, payment_id: str) -> int:
        return till.api.get(f"/v1/payments/{payment_id}", headers=viewer.headers).status_code

    assert seen(resident, foreign.imported_id) == 404
    assert seen(resident, "imp_of_nobody") == 404
    assert seen(person(), reversal.imported_id) == 404


def test_what_acknowledges_an_own_payment_is_not_found_beside_it(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = till.started(resident, till.item(account, 1_000))
    row = told(account, 1_000, clock.now(), payment_id=made["id"])

    answer = till.api.get(f"/v1/payments/{row.imported_id}", headers=resident.headers)

    assert answer.status_code == 404


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_lose_and_repeat_nothing(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel, limit: int
) -> None:
    account = centre.account()
    resident = person().holds(account)
    for number in range(3):
        till.started(resident, till.item(account, 100 + number))  # three within one second
        told(account, 200 + number, clock.now())
        if number == 1:
            travel.forward(hours=5)
    whole = listed(till.api, resident)

    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = listed(till.api, resident, **query)
        found += page["items"]
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == limit
        query["cursor"] = page["next_cursor"]

    assert found == whole["items"]
    assert len(found) == 6


def test_the_list_is_filtered_by_account_month_and_status(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    first, second = centre.account(), centre.account()
    resident = person().holds(first).holds(second)
    travel.to(datetime(2026, 10, 31, 20, 59, tzinfo=UTC))  # still October in Moscow
    told(first, 10, clock.now())
    till.started(resident, till.item(first, 11))
    travel.to(datetime(2026, 10, 31, 21, 1, tzinfo=UTC))  # November in Moscow
    told(second, 20, clock.now())
    till.started(resident, till.item(second, 21))

    assert amounts(listed(till.api, resident, account_number=first.number)) in ([10, 11], [11, 10])
    assert sorted(amounts(listed(till.api, resident, **{"from": "2026-11"}))) == [20, 21]
    assert sorted(amounts(listed(till.api, resident, to="2026-10"))) == [10, 11]
    assert sorted(amounts(listed(till.api, resident, **{"from": "2026-10", "to": "2026-11"}))) == [
        10,
        11,
        20,
        21,
    ]
    assert sorted(amounts(listed(till.api, resident, status="paid"))) == [10, 20]
    assert sorted(amounts(listed(till.api, resident, status="pending"))) == [11, 21]
    assert amounts(listed(till.api, resident, **{"from": "2026-12", "to": "2026-10"})) == []


def test_an_own_payment_that_the_billing_acknowledges_shows_once(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident, neighbour = person().holds(account), person().holds(account)
    made = till.paid(resident, till.item(account, 1_000))
    told(account, 1_000, clock.now(), payment_id=made["id"])

    assert [item["source"] for item in listed(till.api, resident)["items"]] == ["cabinet"]
    assert [item["source"] for item in listed(till.api, neighbour)["items"]] == ["billing"]


def test_a_page_full_of_acknowledged_payments_shows_each_once(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    account = centre.account()
    resident = person().holds(account)
    for number in range(101):
        at = travel.forward(seconds=1)
        made = started([account], [100 + number], client_id=resident.client_id)
        told(account, 100 + number, at, payment_id=made.payment_id)

    found = listed(till.api, resident, limit="200")["items"]

    assert [item["source"] for item in found] == ["cabinet"] * 101


def test_the_billings_payments_of_an_unproven_or_foreign_account_stay_hidden(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    told(account, 1_000, clock.now())
    unproven = person().holds(account, verified=False)
    stranger = person()

    assert listed(till.api, unproven)["items"] == []
    assert listed(till.api, unproven, account_number=account.number)["items"] == []
    assert listed(till.api, stranger, account_number=account.number)["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WyJhIiwiYiJd"}, "cursor"),
        ({"status": "unknown"}, "status"),
        ({"from": "2026-13"}, "from"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"client_id": "cli_1"}, "client_id"),
    ],
)
def test_bad_questions_are_refused(
    api: httpx.Client, person: Callable[..., Person], query: dict[str, str], field: str
) -> None:
    answer = api.get("/v1/payments", params=query, headers=person().headers)

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("payment_id", ["pay_1", "x", "pay_" + "0" * 32, "%2e%2e"])
def test_what_is_no_payment_is_not_found(
    api: httpx.Client, person: Callable[..., Person], payment_id: str
) -> None:
    assert api.get(f"/v1/payments/{payment_id}", headers=person().headers).status_code == 404


# --- receipts


def letters(inbox: Any, address: str) -> list[Any]:
    return list(inbox.mail(address))


def test_a_receipt_goes_to_a_confirmed_address_once(
    till: Till, centre: Centre, person: Callable[..., Person], inbox: Any
) -> None:
    account = centre.account()
    resident = person(email="payer@mail.example", email_confirmed=True).holds(account)
    before = len(letters(inbox, "payer@mail.example"))

    till.paid(resident, till.item(account, 12_345))

    assert len(letters(inbox, "payer@mail.example")) == before + 1


def test_an_unconfirmed_address_gets_nothing(
    till: Till, centre: Centre, person: Callable[..., Person], inbox: Any
) -> None:
    account = centre.account()
    resident = person(email="unproven@mail.example", email_confirmed=False).holds(account)

    made = till.paid(resident, till.item(account))
    answer = till.api.post(f"/v1/payments/{made['id']}/receipt", headers=resident.headers)
    till.drain()

    assert (answer.status_code, answer.json()["code"]) == (409, "email_not_confirmed")
    assert letters(inbox, "unproven@mail.example") == []


def test_the_receipt_can_be_asked_for_five_times_a_day(
    till: Till, centre: Centre, person: Callable[..., Person], inbox: Any, travel: Travel
) -> None:
    account = centre.account()
    resident = person(email="again@mail.example", email_confirmed=True).holds(account)
    made = till.paid(resident, till.item(account))

    answers = [
        till.api.post(f"/v1/payments/{made['id']}/receipt", headers=resident.headers)
        for _ in range(6)
    ]
    till.drain()

    assert [a.status_code for a in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) == 86_400
    assert len(letters(inbox, "again@mail.example")) == 6


def test_an_open_payment_has_no_receipt(
    till: Till, centre: Centre, person: Callable[..., Person], trips: Trips
) -> None:
    account = centre.account()
    resident = person(email="early@mail.example", email_confirmed=True).holds(account)
    made = till.started(resident, till.item(account))

    answer = till.api.post(f"/v1/payments/{made['id']}/receipt", headers=resident.headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_paid")
