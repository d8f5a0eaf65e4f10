"""What falls due: found by index every day, handed out through the queue, several per message.

A run does its own day and those that no run has done. It may come twice, late or in parallel: the
same mandates are handed out again, and the claim of each month holds.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from chalicelib import clock
from chalicelib.clients import queues
from chalicelib.config import settings
from chalicelib.models.limits import Limit
from chalicelib.models.mandate import due_on_day, retries_on
from chalicelib.observability import count
from chalicelib.rules import autopay as rules
from chalicelib.rules.periods import period_of

DAYS_AT_MOST: Final = 31
"""How far back a run reaches when runs were missed."""
CURSOR: Final = "cursor#autopay"

Pair = tuple[str, str]


class Cursor(Limit):
    """The last day that was handed out whole. Key `cursor#autopay` of the limits table."""

    day = UnicodeAttribute(null=True)


def hand_out() -> None:
    """Queue every charge that is due today or was missed. Then the cursor moves.

    One read and one write; per due day one call per index page and shard, and one per ten messages
    of `AUTOPAY_PER_MESSAGE` mandates. Raises NotQueued: then the day is done again.
    """
    today = clock.today()
    for day in rules.missed_days(_done_until(), today, DAYS_AT_MOST):
        month = period_of(day)
        for anchor in rules.days_due_on(day):
            _queue(due_on_day(anchor), {"month": month})
        _queue(retries_on(day), {"again": True})
    Cursor(CURSOR).update([Cursor.day.set(today.isoformat())])


def announce() -> None:
    """Queue tomorrow's charges, to tell their clients today. Costs as a day of `hand_out`."""
    tomorrow = date.fromordinal(clock.today().toordinal() + 1)
    for anchor in rules.days_due_on(tomorrow):
        _queue(due_on_day(anchor), {"tell": tomorrow.isoformat()})


def _queue(pairs: Iterable[Pair], what: dict[str, Any]) -> None:
    queues.send_batch(settings().AUTOPAY_QUEUE, _messages(pairs, what))


def _messages(pairs: Iterable[Pair], what: dict[str, Any]) -> Iterator[dict[str, Any]]:
    remaining = iter(pairs)
    while chunk := list(islice(remaining, settings().AUTOPAY_PER_MESSAGE)):
        count("autopay_handed_out", len(chunk))
        yield {**what, "mandates": chunk}


def _done_until() -> date | None:
    try:
        cursor = Cursor.get(CURSOR, consistent_read=True)
    except DoesNotExist:
        return None
    return date.fromisoformat(cursor.day) if cursor.day else None
