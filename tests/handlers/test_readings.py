"""Submitting readings, through the HTTP door."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from chalicelib import ids
from chalicelib.models.meter import Meter, meter_item
from chalicelib.models.reading import newest_readings
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


def test_a_window_over_the_months_end_counts_for_the_month_in_which_it_opens(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1, window=(25, 3))
    owner = person().holds(account)
    (meter,) = account.meters
    said = []

    for month, day in ((11, 24), (11, 25), (12, 3), (12, 4), (12, 25)):
        travel.to(datetime(2026, month, day, 9, tzinfo=UTC))
        answer = submit(api, owner, account, (meter, {"T1": "120"}))
        item = answer.json().get("items", [{}])[0]
        said.append((answer.status_code, item.get("counts_for"), item.get("consumption")))

    assert said == [
        (422, None, None),
        (201, "2026-11", {"T1": "11.994"}),
        (201, "2026-11", {"T1": "11.994"}),
        (422, None, None),
        (201, "2026-12", {"T1": "0.000"}),
    ]


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (datetime(2026, 11, 14, 20, 59, 59, tzinfo=UTC), 422),
        (datetime(2026, 11, 14, 21, 0, 0, tzinfo=UTC), 201),
        (datetime(2026, 11, 26, 20, 59, 59, tzinfo=UTC), 201),
        (datetime(2026, 11, 26, 21, 0, 0, tzinfo=UTC), 422),
    ],
)
def test_days_begin_at_midnight_in_moscow(
    api: httpx.Client,
    centre: Centre,
    person: People,
    travel: Travel,
    moment: datetime,
    status: int,
) -> None:
    account = centre.account(meters=1, window=(15, 26))
    owner = person().holds(account)
    travel.to(moment)

    answer = submit(api, owner, account, (account.meters[0], {"T1": "120"}))

    assert answer.status_code == status


def test_high_consumption_is_accepted_once_it_is_confirmed(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    for month, value in ((11, "118.006"), (12, "128.006")):
        travel.to(datetime(2026, month, 20, 9, tzinfo=UTC))
        assert submit(api, owner, account, (meter, {"T1": value})).status_code == 201
    travel.to(datetime(2027, 1, 20, 9, tzinfo=UTC))

    three_means = submit(api, owner, account, (meter, {"T1": "158.006"}), dry_run=True)
    over = submit(api, owner, account, (meter, {"T1": "158.007"}))
    confirmed = submit(
        api, owner, account, (meter, {"T1": "158.007"}), confirm_high_consumption=True
    )

    assert (three_means.status_code, three_means.json()["items"][0]["warnings"]) == (200, [])
    assert codes(over) == [("readings[0].values.T1", "consumption_needs_confirmation")]
    assert "10.000" in over.json()["detail"]
    (item,) = confirmed.json()["items"]
    assert item["warnings"] == ["high_consumption"]
    kept = next(newest_readings(account.number))
    assert (kept.reading_id, kept.high_confirmed) == (item["id"], True)


def test_meters_of_zones_are_submitted_whole(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(
        meters=[
            {
                "zones": ["T1", "T2"],
                "capacity_fraction": 1,
                "last_billed": {"values": {"T1": "10.5", "T2": "0.1"}, "on": "2026-10-20"},
            }
        ]
    )
    owner = person().holds(account)
    (meter,) = account.meters

    part = submit(api, owner, account, (meter, {"T1": "11"}))
    more = submit(api, owner, account, (meter, {"T1": "11", "T2": "1", "T3": "1"}))
    none = submit(api, owner, account, (meter, {}))
    whole = submit(api, owner, account, (meter, {"T1": "11", "T2": "0,1"}))

    assert codes(part) == [("readings[0].values.T2", "reading_missing")]
    assert codes(more) == [("readings[0].values.T3", "zone_unknown")]
    assert [code for _, code in codes(none)] == ["reading_missing", "reading_missing"]
    assert whole.json()["items"][0]["consumption"] == {"T1": "0.5", "T2": "0.0"}


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"faulty": 1}, "faulty", "meter_faulty"),
        ({"verification_due": "2026-11-19"}, "verification_expired", "verification_expired"),
        ({"verification_due": "2026-11-20"}, "ok", None),
    ],
)
def test_a_meter_that_may_not_be_read_says_so(
    api: httpx.Client,
    centre: Centre,
    person: People,
    facts: dict[str, Any],
    status: str,
    code: str | None,
) -> None:
    account = centre.account(meters=[facts])
    owner = person().holds(account)
    (meter,) = account.meters

    answer = submit(api, owner, account, (meter, {"T1": "120"}))

    assert (codes(answer) if code else []) == ([("readings[0]", code)] if code else [])
    (shown,) = api.get(f"/v1/accounts/{account}/meters", headers=owner.headers).json()["items"]
    assert shown["status"] == status
    assert shown["submit"]["needed"] is False


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"readings": []}, "readings", "too_short"),
        ({}, "readings", "field_required"),
        ({"readings": [{"meter_id": "m", "values": {"T1": 120}}]}, None, "wrong_type"),
        ({"readings": [{"meter_id": "m", "values": {"T1": "1" * 33}}]}, None, "too_long"),
        ({"readings": [{"meter_id": "\ud800", "values": {"T1": "1"}}]}, None, None),
        ({"readings": [{"meter_id": "m", "values": {"\ud800": "1"}}]}, None, None),
        ({"readings": [{"meter_id": "m", "values": {"T1": "\ud800"}}]}, None, None),
        ({"readings": [{"meter_id": "m", "values": {}, "at": "now"}]}, None, "unknown_field"),
        ({"readings": [{"meter_id": "m", "values": {"T1": "1"}}] * 31}, "readings", "too_long"),
    ],
)
def test_unfit_bodies_are_refused_by_field(
    api: httpx.Client,
    centre: Centre,
    person: People,
    body: dict[str, Any],
    field: str | None,
    code: str | None,
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)

    answer = api.post(
        f"/v1/accounts/{account}/readings",
        content=json.dumps(body),
        headers={**owner.headers, "Idempotency-Key": "k", "Content-Type": "application/json"},
    )

    found = codes(answer)
    assert not field or found[0][0] == field
    assert not code or found[0][1] == code
