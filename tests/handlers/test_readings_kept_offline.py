"""Readings that waited for a connection: sent later, with the moment they were read off."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from tests.builders import Centre, Person
from tests.conftest import Travel
from tests.handlers.test_reading_history import accepted, items_of
from tests.handlers.test_readings import codes, submit

People = Callable[..., Person]


def test_a_reading_keeps_the_moment_it_was_taken(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters

    sent = submit(api, owner, account, (meter, {"T1": "120"}), taken_at="2026-11-19T08:30:00+03:00")

    assert sent.status_code == 201, sent.text
    assert sent.json()["items"][0]["taken_at"] == "2026-11-19T05:30:00Z"
    history = api.get(f"/v1/accounts/{account}/readings", headers=owner.headers).json()["items"]
    assert history[0]["taken_at"] == "2026-11-19T05:30:00Z"


def test_one_taken_in_the_window_counts_after_it_closed(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1, window=(15, 26))
    travel.to(datetime(2026, 11, 27, 9, tzinfo=UTC))
    owner = person().holds(account)
    (meter,) = account.meters

    late = submit(api, owner, account, (meter, {"T1": "120"}), taken_at="2026-11-26T18:00:00Z")
    present = submit(api, owner, account, (meter, {"T1": "121"}))

    assert late.status_code == 201, late.text
    assert late.json()["items"][0]["counts_for"] == "2026-11"
    assert codes(present) == [("readings[0]", "window_closed")]


def test_an_older_one_does_not_replace_what_was_read_off_later(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner, relative = person().holds(account), person().holds(account)
    (meter,) = account.meters
    assert submit(api, relative, account, (meter, {"T1": "121"})).status_code == 201

    late = submit(api, owner, account, (meter, {"T1": "120"}), taken_at="2026-11-19T05:30:00Z")

    assert codes(late) == [("readings[0]", "reading_outdated")]


def test_it_leaves_on_the_day_it_came_and_not_when_it_is_replaced_on_that_day(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    late = submit(api, owner, account, (meter, {"T1": "120"}), taken_at="2026-11-19T05:30:00Z")
    first = accepted(late)
    assert items_of(account)[first].export.startswith("readings#2026-11-20#")

    travel.forward(hours=1)
    second = accepted(submit(api, owner, account, (meter, {"T1": "121"})))

    kept = items_of(account)
    assert kept[first].export is None
    assert kept[second].export.startswith("readings#2026-11-20#")


def test_it_can_be_undone_like_any_other(api: httpx.Client, centre: Centre, person: People) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    late = submit(api, owner, account, (meter, {"T1": "120"}), taken_at="2026-11-19T05:30:00Z")

    undone = api.delete(f"/v1/accounts/{account}/readings/{accepted(late)}", headers=owner.headers)

    assert undone.status_code == 204
    assert items_of(account)[accepted(late)].export is None, "its day's export has not left yet"


def test_a_moment_that_cannot_be_is_refused_and_stores_nothing(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters

    for said in ("yesterday", "2026-11-20T09:06:00Z", "2026-11-17T08:59:59Z"):
        refused = submit(api, owner, account, (meter, {"T1": "120"}), taken_at=said)
        assert [field for field, _ in codes(refused)] == ["taken_at"]
    history = api.get(f"/v1/accounts/{account}/readings", headers=owner.headers).json()
    assert history["items"] == []
