"""The one source of "now". Rules get moments as arguments; services ask here; nothing else reads a clock.

Moments are aware UTC; days are decided in Europe/Moscow (UTC+3, no summer time since 2014).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def _machine() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _machine


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def today() -> date:
    """The present day in Moscow."""
    return moscow_day(now())


def moscow_day(moment: datetime) -> date:
    """The Moscow calendar day of a moment."""
    return moment.astimezone(MOSCOW).date()


def use(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` from now on (None: from the machine). For local runs and tests."""
    global _source
    _source = source or _machine
