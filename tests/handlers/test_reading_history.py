"""History and undoing of readings, through the HTTP door; devices racing each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from chalicelib import ids
from chalicelib.models.reading import Reading, newest_readings, undone_item
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Travel
from tests.handlers.test_readings import codes, stored, submit

People = Callable[..., Person]


def history(
    api: httpx.Client, who: Person, account: MadeAccount, query: str = ""
) -> list[dict[str, Any]]:
    answer = api.get(f"/v1/accounts/{account}/readings{query}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def undo(api: httpx.Client, who: Person, account: MadeAccount, reading_id: str) -> httpx.Response:
    return api.delete(f"/v1/accounts/{account}/readings/{reading_id}", headers=who.headers)


def accepted(answer: httpx.Response) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.json()["items"][0]["id"])


def items_of(account: MadeAccount) -> dict[str, Reading]:
    return {reading.reading_id: reading for reading in newest_readings(account.number)}


def test_a_later_reading_of_the_month_replaces_the_earlier_and_may_be_lower(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    first = accepted(submit(api, owner, account, (meter, {"T1": "150"})))
    travel.forward(minutes=5)

    answer = submit(api, owner, account, (meter, {"T1": "120"}))

    assert answer.json()["items"][0]["consumption"] == {"T1": "11.994"}
    shown = [(r["id"], r["values"]["T1"], r["state"]) for r in history(api, owner, account)]
    assert shown == [
        (accepted(answer), "120.000", "accepted"),
        (first, "150.000", "replaced"),
    ]
    assert len(stored(account, meter).last_accepted) == 1
    kept = items_of(account)
    assert kept[first].export is None, "replaced before its day's export: it does not leave"
    assert kept[accepted(answer)].export.startswith("readings#2026-11-20#")


def test_one_replaced_on_a_later_day_stays_in_the_export_of_its_day(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    first = accepted(submit(api, owner, account, (meter, {"T1": "150"})))
    travel.to(datetime(2026, 11, 20, 21, 0, tzinfo=UTC))  # midnight in Moscow

    second = accepted(submit(api, owner, account, (meter, {"T1": "151"})))

    kept = items_of(account)
    assert kept[first].export.startswith("readings#2026-11-20#")
    assert kept[second].export.startswith("readings#2026-11-21#")


def test_the_next_month_is_compared_with_the_last_one(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    accepted(submit(api, owner, account, (meter, {"T1": "120"})))
    travel.forward(days=20)

    lower = submit(api, owner, account, (meter, {"T1": "119.999"}))
    same = submit(api, owner, account, (meter, {"T1": "120"}))

    assert codes(lower) == [("readings[0].values.T1", "reading_below_previous")]
    assert same.json()["items"][0]["consumption"] == {"T1": "0.000"}
    assert same.json()["items"][0]["counts_for"] == "2026-12"


def test_an_undone_reading_leaves_the_month_empty(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    (meter,) = account.meters
    accepted(submit(api, owner, account, (meter, {"T1": "150"})))
    second = accepted(submit(api, owner, account, (meter, {"T1": "160"})))

    answer = undo(api, owner, account, second)

    assert (answer.status_code, answer.content) == (204, b"")
    assert undo(api, owner, account, second).status_code == 204
    assert {r["state"] for r in history(api, owner, account)} == {"replaced", "withdrawn"}
    (shown,) = api.get(f"/v1/accounts/{account}/meters", headers=owner.headers).json()["items"]
    assert shown["submit"]["needed"] is True
    assert shown["last_submitted"] is None
    assert items_of(account)[second].export is None
    assert submit(api, owner, account, (meter, {"T1": "109"})).status_code == 201


def test_one_undone_after_its_export_is_told_in_the_next(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)
    made = accepted(submit(api, owner, account, (account.meters[0], {"T1": "150"})))
    travel.forward(days=2)

    assert undo(api, owner, account, made).status_code == 204

    assert items_of(account)[made].export.startswith("readings#2026-11-20#")
    notice = Reading.get(account.number, undone_item(made), consistent_read=True)
    assert notice.export.startswith("readings#2026-11-22#")
    assert notice.state == "withdrawn"
    assert [r["id"] for r in history(api, owner, account)] == [made]


def test_what_cannot_be_undone(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=1, window=(15, 26))
    owner = person().holds(account)
    (meter,) = account.meters
    replaced = accepted(submit(api, owner, account, (meter, {"T1": "150"})))
    made = accepted(submit(api, owner, account, (meter, {"T1": "160"})))

    early = undo(api, owner, account, replaced)
    stranger = undo(api, person(), account, made)
    travel.to(datetime(2026, 11, 26, 21, 0, tzinfo=UTC))
    late = undo(api, owner, account, made)

    assert (early.status_code, early.json()["code"]) == (409, "reading_cannot_be_undone")
    assert stranger.status_code == 404
    assert (late.status_code, late.json()["code"]) == (409, "window_closed")
    assert late.json()["opens_on"] == "2026-12-15"
    for unknown in (ids.derived_id("rd", "no"), "rd_1", "%F0%9F%98%80"):
        assert undo(api, owner, account, unknown).status_code == 404


def test_the_history_is_paged_and_filtered(
    api: httpx.Client, centre: Centre, person: People, travel: Travel
) -> None:
    account = centre.account(meters=2)
    owner = person().holds(account)
    for month in (9, 10, 11, 12):
        travel.to(datetime(2026, month, 20, 9, tzinfo=UTC))
        value = {"T1": str(110 + month)}
        submit(api, owner, account, *((m, value) for m in account.meters))
    one = account.meters[0]

    everything = history(api, owner, account)
    months = history(api, owner, account, f"?meter_id={one}&from=2026-10&to=2026-11")
    collected: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = api.get(
            f"/v1/accounts/{account}/readings?limit=3{cursor}", headers=owner.headers
        ).json()
        collected += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert collected == everything
    assert [r["counts_for"] for r in everything[::2]] == [
        "2026-12",
        "2026-11",
        "2026-10",
        "2026-09",
    ]
    assert [(r["meter_id"], r["counts_for"]) for r in months] == [
        (one, "2026-11"),
        (one, "2026-10"),
    ]


@pytest.mark.parametrize(
    "query",
    ["?cursor=x", "?cursor=WyJob2xkZXIjIl0", "?from=2026-13", "?limit=0", "?cursor=WyJcdWQ4MDAiXQ"],
)
def test_an_unfit_query_is_refused(
    api: httpx.Client, centre: Centre, person: People, query: str
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)

    answer = api.get(f"/v1/accounts/{account}/readings{query}", headers=owner.headers)

    assert answer.status_code == 422


def test_devices_at_once_leave_one_reading_for_the_month(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=2)
    family = [person().holds(account) for _ in range(6)]

    def send(number: int) -> int:
        typed = [(m, {"T1": str(120 + number)}) for m in account.meters]
        return submit(api, family[number], account, *typed).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(send, range(6)))

    assert statuses == [201] * 6
    shown = history(api, family[0], account)
    for meter in account.meters:
        states = [r["state"] for r in shown if r["meter_id"] == meter]
        assert sorted(states) == ["accepted"] + ["replaced"] * 5
        (standing,) = [r for r in shown if r["meter_id"] == meter and r["state"] == "accepted"]
        assert stored(account, meter).last_accepted[0]["values"] == standing["values"]


def test_the_same_request_at_once_has_one_effect_and_one_answer(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner = person().holds(account)

    def send(_: int) -> tuple[int, str]:
        answer = submit(api, owner, account, (account.meters[0], {"T1": "120"}), key="same")
        return answer.status_code, answer.text

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(6)))

    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert len(history(api, owner, account)) == 1
