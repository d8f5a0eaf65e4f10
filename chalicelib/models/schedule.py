"""How far a daily schedule has come, so that a day on which it did not run is made up for.

Key `limit` = `schedule#<name>` in the limits table.
"""

from datetime import date

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta, condition_failed


class ScheduleProgress(Item):
    """The last Moscow day that was dealt with."""

    class Meta(TableMeta):
        table_name = settings().LIMITS_TABLE

    limit = UnicodeAttribute(hash_key=True)
    done = UnicodeAttribute(null=True)


def done_until(name: str) -> date | None:
    """The last day that schedule `name` dealt with. One read."""
    try:
        kept = ScheduleProgress.get(_key(name), consistent_read=True)
    except DoesNotExist:
        return None
    return date.fromisoformat(kept.done) if kept.done else None


def done_with(name: str, day: date) -> None:
    """Note that `day` is dealt with; never goes back. One write."""
    later = ScheduleProgress.done.does_not_exist() | (ScheduleProgress.done < day.isoformat())
    try:
        ScheduleProgress(_key(name)).update(
            [ScheduleProgress.done.set(day.isoformat())], condition=later
        )
    except UpdateError as exc:
        if not condition_failed(exc):
            raise


def _key(name: str) -> str:
    return f"schedule#{name}"
