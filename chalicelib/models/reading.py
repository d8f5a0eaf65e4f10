"""Readings: one item each, never changed but for its state. Values are decimal strings by zone."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from pynamodb.attributes import (
    BooleanAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.json_text import JSONText
from chalicelib.models.partition import AFTER_ALL, between

CABINET: Final = "cabinet"

ACCEPTED = "accepted"
REPLACED = "replaced"
WITHDRAWN = "withdrawn"


class Reading(AccountItem):
    """One reading of one device. Item `reading#<taken_at>#<meter_id>#<id>`."""

    reading_id = UnicodeAttribute()
    meter_id = UnicodeAttribute()
    period = UnicodeAttribute()
    """The month it counts for: the one in which its window opens."""
    values = JSONText()
    consumption = JSONText()
    taken_at = UTCDateTimeAttribute()
    received_at = UTCDateTimeAttribute(null=True)
    """When it reached us, later than `taken_at` where it waited for a connection."""
    source = UnicodeAttribute()
    """`cabinet`, or what the billing says: `billing`, `controller`, `estimate`."""
    client_id = UnicodeAttribute(null=True)
    state = UnicodeAttribute(default=ACCEPTED)
    high_confirmed = BooleanAttribute(default=False)


_ITEM: Final = "reading#"


def reading_item(taken_at: datetime, meter_id: str, reading_id: str) -> str:
    """The sort key of a reading: by the moment it was taken."""
    return f"{_ITEM}{taken_at.isoformat()}#{meter_id}#{reading_id}"


def is_reading_item(item: str) -> bool:
    """Whether `item` can be the sort key of a reading."""
    return item.startswith(_ITEM) and item.isprintable()


def undone_item(reading_id: str) -> str:
    """The sort key of the notice that a reading which has left in an export was withdrawn.

    The notice is a `Reading` of state `withdrawn` with an `export` of its own day.
    """
    return f"undone#{reading_id}"


def newest_readings(
    account_number: str,
    since: date | None = None,
    before: date | None = None,
    *,
    after: str | None = None,
    page: int | None = None,
) -> Iterator[Reading]:
    """Readings taken on UTC days `since`..`before` (open where None), newest first, after the item `after`.

    One call per `page` items read, made as the iterator is used.
    """
    first = f"{_ITEM}{since.isoformat()}" if since else _ITEM
    last = f"{_ITEM}{before.isoformat()}{AFTER_ALL}" if before else f"{_ITEM}{AFTER_ALL}"
    last = min(last, after) if after else last
    if last < first:
        return
    for found in between(Reading, account_number, first, last, newest_first=True, limit=page):
        if found.item != after:
            yield found.as_(Reading)
