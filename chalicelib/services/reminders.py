"""Reminds holders of readings on a window's first and last but one day: who has sent all is left alone.

A schedule queues a few messages that divide the index's shards, each of these queues its accounts in
batches, each batch decides on letters. Every step may run twice, late or in parallel: what a letter tells of
(account, client, month, which day) makes it one, and a window that has closed is not told of.
Whether a client wants it is asked when it is sent.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from chalicelib import clock
from chalicelib.clients import queues
from chalicelib.clock import moscow_day
from chalicelib.config import settings
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.accounts_table import DUE_SHARDS
from chalicelib.models.base import batch_get
from chalicelib.models.holder import holders_of
from chalicelib.models.meter import Meter, meters_of
from chalicelib.models.reminder import accounts_at
from chalicelib.models.schedule import done_until, done_with
from chalicelib.observability import count, log
from chalicelib.rules.reminders import Reminder, places_on, reminder_on
from chalicelib.rules.windows import Window, window_on
from chalicelib.services.messages import Message, MessageKind, dispatch, intend_alone
from chalicelib.services.meters import needs_reading
from chalicelib.services.reminder_places import follow
from chalicelib.services.windows import account_window

SCHEDULE: Final = "reminders"
MISSED_DAYS: Final = 6
"""How far back days are made up for on which the schedule did not run."""
MESSAGES_PER_DAY: Final = 8
"""Into which the index's shards are divided."""
ACCOUNTS_PER_MESSAGE: Final = 25


class NotAllReminded(Exception):
    """Some accounts of a batch failed; the others were dealt with. Trying again can help."""


def begin() -> int:
    """Queue today and the days that were missed; how many days. One read, one write, calls of the queue."""
    today = clock.today()
    done = done_until(SCHEDULE)
    first = today
    if done is not None and done < today:
        first = max(done + timedelta(days=1), today - timedelta(days=MISSED_DAYS))
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    queues.send_batch(
        settings().REMINDERS_QUEUE,
        (
            {"day": day.isoformat(), "shards": list(range(n, DUE_SHARDS, MESSAGES_PER_DAY))}
            for day in days
            for n in range(MESSAGES_PER_DAY)
        ),
    )
    done_with(SCHEDULE, today)
    return len(days)


def handle(body: dict[str, Any]) -> int:
    """One queue message: shards to spread, or accounts to remind. How many accounts or letters."""
    day = date.fromisoformat(body["day"])
    if "shards" in body:
        return _spread(day, body["shards"])
    return _remind(day, body["accounts"])


def _spread(day: date, shards: Sequence[int]) -> int:
    """Queue the accounts of some shards: a query per place and shard, a call of the queue per 250."""
    numbers = (n for s in shards for place in places_on(day) for n in accounts_at(place, s))
    found = 0

    def bodies() -> Iterator[dict[str, Any]]:
        nonlocal found
        while batch := list(islice(numbers, ACCOUNTS_PER_MESSAGE)):
            found += len(batch)
            yield {"day": day.isoformat(), "accounts": batch}

    queues.send_batch(settings().REMINDERS_QUEUE, bodies())
    return found


def _remind(day: date, numbers: Sequence[str]) -> int:
    """One batch, then per account that is due two queries and one write per holder."""
    now = clock.now()
    told: list[str] = []
    failed = 0
    for account in batch_get([(Account, number, ACCOUNT) for number in numbers]):
        if not isinstance(account, Account):
            continue
        try:
            told += _remind_account(account, day, now)
        except Exception:  # noqa: BLE001 - what is wrong with one account must not silence the others
            log.exception("account not reminded")
            failed += 1
    dispatch(told)
    if told:
        count("reading_reminders", len(told))
    if failed:
        raise NotAllReminded
    return len(told)


def _remind_account(account: Account, day: date, now: datetime) -> list[str]:
    window_days = account_window(account)
    due = reminder_on(window_days, day)
    if due is None:
        follow(account)
        return []
    which, window = due
    present = window_on(window_days, moscow_day(now))
    if not present.open or present.period != window.period:
        return []
    holders = [h.client_id for h in holders_of(account.account_number) if h.verified]
    if not holders:
        return []
    meters = [
        m for m in meters_of(account.account_number) if needs_reading(m, present, moscow_day(now))
    ]
    if not meters:
        return []
    messages = (_message(account, client, which, window, meters) for client in holders)
    return [intend_alone(message, now) for message in messages]


def _message(
    account: Account, client_id: str, which: Reminder, window: Window, meters: Iterable[Meter]
) -> Message:
    return Message(
        kind=MessageKind.READING_REMINDER,
        client_id=client_id,
        key=f"{account.account_number}/{client_id}/{window.period}/{which}",
        params={
            "account_number": account.account_number,
            "address": account.address or None,
            "closes_on": window.closes_on,
            "meters": [{"number": m.number, "service": m.service} for m in meters],
        },
    )
