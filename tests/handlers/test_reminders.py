"""Reminders of readings, from the schedule to the letter."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from chalicelib import ids
from chalicelib.models.meter import Meter
from chalicelib.models.reminder import places_kept
from chalicelib.models.schedule import ScheduleProgress
from chalicelib.services import import_accounts, reminders
from chalicelib.services.import_rows import Checked
from chalicelib.services.reminder_places import follow, reminder_items
from chalicelib.shapes.imports import AccountRow
from local.inbox import Inbox
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Travel
from tests.handlers.test_readings import stored, submit

People = Callable[..., Person]
Run = Callable[[str], None]
Drain = Callable[[], None]


@pytest.fixture(autouse=True)
def _never_run() -> None:
    ScheduleProgress("schedule#reminders").delete()


def nine(day: int, month: int = 11) -> datetime:
    """Nine in the morning in Moscow."""
    return datetime(2026, month, day, 6, tzinfo=UTC)


class Standing:
    """An account with a window from 15 to 26 and a holder who has confirmed an address."""

    def __init__(self, centre: Centre, person: People, inbox: Inbox) -> None:
        self.account: MadeAccount = centre.account(meters=2, window=(15, 26))
        self.address = f"{ids.new_id('reader')}@example.com"
        self.owner = person(email=self.address, email_confirmed=True).holds(self.account)
        self._inbox = inbox
        for item in reminder_items(self.account.stored()):
            item.save()

    @property
    def letters(self) -> int:
        return len(self._inbox.mail(self.address))


@pytest.fixture
def standing(centre: Centre, person: People, inbox: Inbox) -> Standing:
    return Standing(centre, person, inbox)


def test_the_first_and_the_last_but_one_day_and_no_other(
    standing: Standing, travel: Travel, run_schedule: Run, drain: Drain
) -> None:
    seen = []

    for day in (14, 15, 16, 24, 25, 26):
        travel.to(nine(day))
        run_schedule("begin_reminders")
        drain()
        seen.append((day, standing.letters))

    growth = [day for (day, now), (_, before) in zip(seen[1:], seen, strict=False) if now > before]
    assert growth == [15, 25]
    assert standing.letters == 2


def test_twice_and_in_parallel_is_one_letter(
    standing: Standing, travel: Travel, run_schedule: Run, drain: Drain
) -> None:
    travel.to(nine(15))

    run_schedule("begin_reminders")
    run_schedule("begin_reminders")
    drain()
    run_schedule("begin_reminders")
    drain()

    assert standing.letters == 1


def test_a_missed_day_is_made_up_for_while_the_window_is_open(
    standing: Standing, travel: Travel, run_schedule: Run, drain: Drain
) -> None:
    travel.to(nine(14))
    run_schedule("begin_reminders")
    drain()

    travel.to(nine(17))
    run_schedule("begin_reminders")
    drain()
    assert standing.letters == 1

    travel.to(nine(27))
    run_schedule("begin_reminders")
    drain()
    assert standing.letters == 1, "the window has closed"


def test_who_has_sent_everything_is_left_alone(
    api: httpx.Client, standing: Standing, travel: Travel, run_schedule: Run, drain: Drain
) -> None:
    travel.to(nine(15))
    one, other = standing.account.meters
    assert submit(api, standing.owner, standing.account, (one, {"T1": "110"})).status_code == 201
    run_schedule("begin_reminders")
    drain()
    assert standing.letters == 1

    travel.to(nine(25))
    stored(standing.account, other).update([Meter.faulty.set(1)])
    run_schedule("begin_reminders")
    drain()

    assert standing.letters == 1


def test_a_month_of_its_own_and_a_moved_window(
    standing: Standing, travel: Travel, run_schedule: Run, drain: Drain
) -> None:
    account = standing.account.stored()
    account.window_overrides = {"2026-12": [3, 9]}
    account.window_opens = 20
    travel.to(nine(14))
    assert follow(account) is True
    assert follow(account) is False
    account.save()
    letters = []

    for month, day in [(11, 15), (11, 20), (11, 25), (12, 3), (12, 8), (12, 20), (12, 25)]:
        travel.to(nine(day, month))
        ScheduleProgress("schedule#reminders").delete()
        run_schedule("begin_reminders")
        drain()
        letters.append(standing.letters)

    assert letters == [0, 1, 2, 3, 4, 4, 4]


def test_a_place_that_is_out_of_date_is_mended_when_it_is_found(
    standing: Standing, travel: Travel, run_schedule: Run, drain: Drain
) -> None:
    account = standing.account.stored()
    account.window_opens = 17
    account.save()
    travel.to(nine(15))

    run_schedule("begin_reminders")
    drain()

    assert {p.place for p in places_kept(account.account_number)} == {"opens#17", "closes#26"}
    travel.to(nine(17))
    run_schedule("begin_reminders")
    drain()
    assert standing.letters == 1


def test_one_broken_account_does_not_silence_the_others(
    standing: Standing, centre: Centre, person: People, travel: Travel, drain: Drain
) -> None:
    broken = centre.account(window=(15, 26), meters=[{"verification_due": "soon"}])
    person().holds(broken)
    travel.to(nine(15))

    with pytest.raises(reminders.NotAllReminded):
        reminders.handle(
            {"day": "2026-11-15", "accounts": [broken.number, standing.account.number]}
        )

    drain()
    assert standing.letters == 1


def test_holders_are_told_each_but_not_who_has_not_proven_it(
    standing: Standing, centre: Centre, person: People, travel: Travel
) -> None:
    person().holds(standing.account)
    person().holds(standing.account, verified=False)
    alone = centre.account(meters=1, window=(15, 26))
    travel.to(nine(15))

    told = reminders.handle(
        {"day": "2026-11-15", "accounts": [alone.number, standing.account.number]}
    )

    assert told == 2


def test_proving_an_account_puts_it_where_reminders_look(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(window=(15, 26), window_overrides={"2026-12": [1, 12]})
    newest = account.bills[0]
    owner = person()
    proof = api.post(
        "/v1/account-proofs",
        json={
            "account_number": account.number,
            "period": newest.period,
            "amount": int(newest.to_pay),
        },
        headers=owner.headers,
    ).json()

    answer = api.post("/v1/accounts", json={"proof_id": proof["proof_id"]}, headers=owner.headers)

    assert answer.status_code == 201, answer.text
    assert {p.place for p in places_kept(account.number)} == {
        "opens#15",
        "closes#26",
        "on#2026-12-01",
        "on#2026-12-11",
    }


def test_an_import_that_moves_the_window_moves_the_places_of_held_accounts_only(
    standing: Standing, centre: Centre
) -> None:
    alone = centre.account(window=(15, 26))

    for number in (standing.account.number, alone.number):
        row = AccountRow.model_validate(
            {"account_number": number, "reading_window": {"opens_on": 10, "closes_on": 20}}
        )
        import_accounts.apply([Checked(1, row)])

    held = {p.place for p in places_kept(standing.account.number)}
    assert held == {"opens#10", "closes#20"}
    assert places_kept(alone.number) == []
