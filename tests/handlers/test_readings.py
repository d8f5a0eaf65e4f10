"""Submitting readings, through the HTTP door."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from chalicelib import ids
from chalicelib.models.meter import Meter, meter_item
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Travel, Trips

People = Callable[..., Person]


def submit(
    api: httpx.Client,
    who: Person,
    account: MadeAccount,
    *typed: tuple[str, Mapping[str, str | None]],
    key: str | None = None,
    **also: Any,
) -> httpx.Response:
    """POST `typed` (meter and values) under a fresh key unless one is given."""
    return api.post(
        f"/v1/accounts/{account}/readings",
        json={"readings": [{"meter_id": m, "values": v} for m, v in typed], **also},
        headers={**who.headers, "Idempotency-Key": key or ids.new_id("key")},
    )


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


def stored(account: MadeAccount, meter_id: str) -> Meter:
    return Meter.get(account.number, meter_item(meter_id), consistent_read=True)


def test_a_reading_is_accepted_with_its_exact_consumption(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)

    answer = submit(api, owner, account, (account.meters[0], {"T1": "120,5"}))

    assert answer.status_code == 201, answer.text
    (item,) = answer.json()["items"]
    assert item.pop("id").startswith("rd_")
    assert item == {
        "meter_id": account.meters[0],
        "values": {"T1": "120.500"},
        "consumption": {"T1": "12.494"},
        "taken_at": "2026-11-20T09:00:00Z",
        "counts_for": "2026-11",
        "source": "cabinet",
        "warnings": [],
    }


def test_submitting_costs_one_batch_and_one_transaction(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account = centre.account(meters=3)
    owner = person().holds(account)
    typed = [(meter, {"T1": "110"}) for meter in account.meters]
    submit(api, owner, account, *typed)
    trips.clear()

    answer = submit(api, owner, account, *typed)

    assert answer.status_code == 201
    assert trips == ["BatchGetItem", "TransactWriteItems"]


def test_meters_are_listed_with_what_is_to_submit(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1, window=(15, 26))
    owner = person().holds(account)

    body = api.get(f"/v1/accounts/{account}/meters", headers=owner.headers).json()

    assert body == {
        "items": [
            {
                "id": account.meters[0],
                "number": f"№{account.meters[0][-6:]}",
                "service": "ХОЛОДНОЕ В/С",
                "unit": "м3",
                "capacity": {"integer": 5, "fraction": 3},
                "zones": ["T1"],
                "verification_due": "2031-11-07",
                "status": "ok",
                "last_billed": {"values": {"T1": "108.006"}, "on": "2026-10-20"},
                "last_submitted": None,
                "previous": {"T1": "108.006"},
                "mean_consumption": {"T1": None},
                "submit": {
                    "open": True,
                    "opens_on": "2026-11-15",
                    "closes_on": "2026-11-26",
                    "needed": True,
                },
            }
        ],
        "next_cursor": None,
    }


def test_a_submitted_meter_needs_nothing_more(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    submit(api, owner, account, (account.meters[0], {"T1": "120.500"}))

    (meter,) = api.get(f"/v1/accounts/{account}/meters", headers=owner.headers).json()["items"]

    assert meter["submit"]["needed"] is False
    assert meter["submit"]["open"] is True
    assert meter["last_submitted"] == {
        "values": {"T1": "120.500"},
        "at": "2026-11-20T09:00:00Z",
        "source": "cabinet",
    }
    assert meter["previous"] == {"T1": "108.006"}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("108.005", "reading_below_previous"),
        ("0", "reading_zero"),
        ("-1", "reading_negative"),
        ("1108.007", "consumption_too_high"),
        ("110.0001", "too_many_fraction_digits"),
        ("100000", "exceeds_capacity"),
        ("", "reading_missing"),
        (None, "reading_missing"),
        ("1e3", "reading_not_a_number"),
        ("NaN", "reading_not_a_number"),
        ("١٢٠", "reading_not_a_number"),
        ("120 ", "reading_not_a_number"),
        ("120\n", "reading_not_a_number"),
        ("1 120", "reading_not_a_number"),
        ("120.", "reading_not_a_number"),
        ("+120", "reading_not_a_number"),
        ("120,5.0", "reading_not_a_number"),
    ],
)
def test_what_is_refused_is_marked(
    api: httpx.Client, centre: Centre, person: People, typed: str | None, code: str
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)

    answer = submit(api, owner, account, (account.meters[0], {"T1": typed}))

    assert codes(answer) == [("readings[0].values.T1", code)]
    assert answer.json()["code"] == code
    assert stored(account, account.meters[0]).last_accepted == []


@pytest.mark.parametrize("typed", ["108.006", "1108.006", "00109", "109.000"])
def test_the_bounds_themselves_are_accepted(
    api: httpx.Client, centre: Centre, person: People, typed: str
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)

    assert submit(api, owner, account, (account.meters[0], {"T1": typed})).status_code == 201


def test_all_are_taken_or_none(api: httpx.Client, centre: Centre, person: People) -> None:
    account = centre.account(meters=3)
    owner = person().holds(account)
    good, low, unknown = account.meters[0], account.meters[1], ids.new_id("mtr")

    answer = submit(
        api,
        owner,
        account,
        (good, {"T1": "120"}),
        (low, {"T1": "1"}),
        (unknown, {"T1": "1"}),
        (good, {"T1": "120"}),
    )

    assert codes(answer) == [
        ("readings[1].values.T1", "reading_below_previous"),
        ("readings[2].meter_id", "meter_unknown"),
        ("readings[3].meter_id", "meter_repeated"),
    ]
    assert answer.json()["code"] == "readings_refused"
    assert stored(account, good).last_accepted == []


def test_outside_the_window_the_next_one_is_named(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=2, window=(1, 12), window_overrides={"2026-12": [3, 9]})
    owner = person().holds(account)

    answer = submit(api, owner, account, *((m, {"T1": "120"}) for m in account.meters))

    assert codes(answer) == [("readings[0]", "window_closed"), ("readings[1]", "window_closed")]
    body = answer.json()
    assert (body["code"], body["opens_on"], body["closes_on"]) == (
        "window_closed",
        "2026-12-03",
        "2026-12-09",
    )
    assert "03.12.2026" in body["detail"]


def test_a_dry_run_judges_alike_and_stores_nothing(
    api: httpx.Client, centre: Centre, person: People, trips: Trips
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    ask = {"readings": [{"meter_id": account.meters[0], "values": {"T1": "120.5"}}]}
    path = f"/v1/accounts/{account}/readings"
    trips.clear()

    answer = api.post(path, json={**ask, "dry_run": True}, headers=owner.headers)

    assert answer.status_code == 200, answer.text
    assert trips == ["BatchGetItem"]
    (item,) = answer.json()["items"]
    assert (item["id"], item["consumption"]) == (None, {"T1": "12.494"})
    assert stored(account, account.meters[0]).last_accepted == []
    assert api.post(path, json=ask, headers=owner.headers).status_code == 400


def test_the_same_key_gives_the_same_answer_and_another_body_a_conflict(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    first = submit(api, owner, account, (account.meters[0], {"T1": "120"}), key="k")
    travel.forward(days=20)

    again = submit(api, owner, account, (account.meters[0], {"T1": "120"}), key="k")
    other = submit(api, owner, account, (account.meters[0], {"T1": "121"}), key="k")

    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_strangers_and_unproven_holders_are_kept_out(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    stranger = person()
    unproven = person().holds(account, verified=False)
    typed = (account.meters[0], {"T1": "120"})

    assert submit(api, stranger, account, typed).status_code == 404
    assert submit(api, unproven, account, typed).json()["code"] == "account_not_verified"
    for who, status in ((stranger, 404), (unproven, 403)):
        answer = api.get(f"/v1/accounts/{account}/meters", headers=who.headers)
        assert answer.status_code == status
