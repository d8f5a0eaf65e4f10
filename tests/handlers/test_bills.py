"""Bills as holders see them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chalicelib.models.account import ITEM, AccountMoney, settle_actions
from chalicelib.models.entry import Entry
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Travel, Trips

People = Callable[..., Person]


def bills_of(api: httpx.Client, who: Person, account: MadeAccount, query: str = "") -> Any:
    answer = api.get(f"/v1/accounts/{account}/bills{query}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def pay(account: MadeAccount, amount: int, *, insurance: int = 0, key: str = "pay_1") -> None:
    """A payment settles, as `services/settlement.py` writes it."""
    AccountMoney(account.number, ITEM).update(
        settle_actions({key: {"amount": amount, "insurance": insurance, "at": 0}})
    )


def test_bills_come_newest_first_with_their_totals(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(
        to_pay=383_719, insurance=6_780, debt_at_start=190_295, paid=197_075, bills=2
    )
    owner = person().holds(account)

    body = bills_of(api, owner, account)

    assert [bill["period"] for bill in body["items"]] == ["2026-10", "2026-09"]
    assert body["items"][0] == {
        "period": "2026-10",
        "to_pay": {"amount": 383_719, "currency": "RUB"},
        "to_pay_without_insurance": {"amount": 376_939, "currency": "RUB"},
        "debt_at_start": {"amount": 190_295, "currency": "RUB"},
        "charged": {"amount": 390_499, "currency": "RUB"},
        "paid": {"amount": 197_075, "currency": "RUB"},
        "due_on": "2026-11-15",
        "as_of": "2026-11-01T06:00:00Z",
    }


def test_a_bill_shows_its_lines_whose_totals_sum_to_what_was_charged(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    owner = person().holds(account)

    body = api.get(f"/v1/accounts/{account}/bills/2026-10", headers=owner.headers).json()

    assert [line["insurance"] for line in body["lines"]] == [False, True]
    assert sum(line["total"]["amount"] for line in body["lines"]) == body["charged"]["amount"]
    for line in body["lines"]:
        parts = {k: v["amount"] for k, v in line.items() if isinstance(v, dict)}
        assert parts["total"] == (
            parts["charged"] - parts["benefit"] + parts["recalculation"] + parts["penalty"]
        )


def test_the_newest_bill_and_the_balance_change_when_a_payment_settles(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(to_pay=383_719, insurance=6_780)
    owner = person().holds(account)

    pay(account, 376_939)

    one = api.get(f"/v1/accounts/{account}/bills/2026-10", headers=owner.headers).json()
    listed = bills_of(api, owner, account)["items"]
    balance = api.get(f"/v1/accounts/{account}", headers=owner.headers).json()["balance"]
    for told in (one, listed[0], balance):
        assert told["to_pay"]["amount"] == 0
        assert told["to_pay_without_insurance"]["amount"] == 0
        assert told["paid"]["amount"] == 376_939
    assert listed[1]["paid"]["amount"] == 0
    assert api.get("/v1/accounts", headers=owner.headers).json()["all_paid"] is True


def test_the_list_is_paged_and_cut_to_months(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(bills=5)
    owner = person().holds(account)

    first = bills_of(api, owner, account, "?limit=2&from=2026-07&to=2026-09")
    second = bills_of(
        api, owner, account, f"?limit=2&from=2026-07&to=2026-09&cursor={first['next_cursor']}"
    )

    periods = [[b["period"] for b in page["items"]] for page in (first, second)]
    assert periods == [["2026-09", "2026-08"], ["2026-07"]]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", ["from=2026-13", "to=2026-1", "limit=0", "limit=201", "x=1"])
def test_odd_questions_are_refused(
    api: httpx.Client, centre: Centre, person: People, query: str
) -> None:
    account = centre.account(bills=1)
    owner = person().holds(account)

    answer = api.get(f"/v1/accounts/{account}/bills?{query}", headers=owner.headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("period", ["2026-08", "2026-13", "nothing", "2026-10x"])
def test_a_bill_that_is_not_there_is_not_found(
    api: httpx.Client, centre: Centre, person: People, period: str
) -> None:
    account = centre.account(bills=1)
    owner = person().holds(account)

    answer = api.get(f"/v1/accounts/{account}/bills/{period}", headers=owner.headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_unchanged_list_is_not_sent_twice(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    owner = person().holds(account)
    first = api.get(f"/v1/accounts/{account}/bills", headers=owner.headers)

    again = api.get(
        f"/v1/accounts/{account}/bills",
        headers={**owner.headers, "If-None-Match": first.headers["etag"]},
    )

    assert again.status_code == 304
    assert again.content == b""
    assert first.headers["cache-control"] == "private, no-cache"


def test_lists_and_bills_cost_one_call_each_beside_entries_and_other_holders(
    api: httpx.Client, centre: Centre, person: People, travel: Travel, trips: Trips
) -> None:
    account = centre.account(bills=24)
    family = [person().holds(account) for _ in range(3)]
    for number in range(30):
        Entry(
            account.number,
            f"entry#2026-01-{number:02d}#pay_{number}",
            entry_id=f"pay_{number}",
            kind="payment",
            payment_id=f"pay_{number}",
            client_id=family[0].client_id,
            amount=1,
            debit="provider",
            credit=f"account:{account}",
            at=travel.now(),
        ).save()

    for who in family:
        headers = who.headers
        trips.clear()
        answer = api.get(f"/v1/accounts/{account}/bills", headers=headers)
        assert len(answer.json()["items"]) == 24
        assert trips == ["Query"]

        trips.clear()
        api.get(f"/v1/accounts/{account}/bills/2026-10", headers=headers)
        assert trips == ["BatchGetItem"]


def test_suppliers_are_told_as_the_billing_tells_them(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(
        suppliers=[
            {
                "number": "3",
                "name": "Примерский водоканал",
                "services": ["ХОЛОДНОЕ В/С", "ВОДООТВЕДЕНИЕ"],
                "contacts": {
                    "address": "г. Примерск, ул. Водная, д. 1",
                    "phones": ["+7 900 000-00-01"],
                    "site": "https://water.example",
                },
            },
            {"number": "0", "name": "Примерские сети"},
        ]
    )
    bare = centre.account()
    owner = person().holds(account).holds(bare)

    body = api.get(f"/v1/accounts/{account}/suppliers", headers=owner.headers).json()

    assert [s["number"] for s in body["items"]] == ["3", "0"]
    assert body["items"][0]["services"] == ["ХОЛОДНОЕ В/С", "ВОДООТВЕДЕНИЕ"]
    assert body["items"][0]["contacts"] == {
        "address": "г. Примерск, ул. Водная, д. 1",
        "phones": ["+7 900 000-00-01"],
        "site": "https://water.example",
        "bank_details": None,
    }
    none = api.get(f"/v1/accounts/{bare}/suppliers", headers=owner.headers).json()
    assert none["items"] == []


def test_services_are_told_month_by_month(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account = centre.account(to_pay=383_719, insurance=6_780, bills=14)
    owner = person().holds(account)
    trips.clear()

    answer = api.get(f"/v1/accounts/{account}/services", headers=owner.headers)

    assert trips == ["BatchGetItem"]
    water, insurance = answer.json()["items"]
    assert [month["period"] for month in water["months"]] == [
        "2025-11", "2025-12", *(f"2026-{month:02d}" for month in range(1, 11))
    ]  # fmt: skip
    assert water["months"][-1] == {
        "period": "2026-10",
        "volume": "1.0000",
        "total": {"amount": 376_939, "currency": "RUB"},
    }
    assert (water["service"], water["unit"]) == ("ХОЛОДНОЕ В/С", "м3")
    assert (water["insurance"], insurance["insurance"]) == (False, True)


def test_services_are_cut_to_the_months_asked_for(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(bills=5)
    owner = person().holds(account)

    answer = api.get(
        f"/v1/accounts/{account}/services?from=2026-07&to=2026-08", headers=owner.headers
    )

    periods = [month["period"] for month in answer.json()["items"][0]["months"]]
    assert periods == ["2026-07", "2026-08"]


@pytest.mark.parametrize("query", ["from=2026-11&to=2026-10", "from=2023-10&to=2026-10", "to=2026"])
def test_a_look_back_that_is_too_long_or_turned_round_is_refused(
    api: httpx.Client, centre: Centre, person: People, query: str
) -> None:
    account = centre.account(bills=1)
    owner = person().holds(account)

    answer = api.get(f"/v1/accounts/{account}/services?{query}", headers=owner.headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in query
