"""Billing periods: calendar months such as `2026-10`, counted in Moscow days.

A period is closed when its month is over. Text order is time order.
"""

from datetime import date

PROOF_PERIODS = 3
"""How many of the last closed periods a bill may be proven by."""


def period_of(day: date) -> str:
    """The month of a Moscow day."""
    return f"{day.year:04d}-{day.month:02d}"


def shifted(period: str, months: int) -> str:
    """The period `months` later, or earlier when negative."""
    year, month = period.split("-")
    count = int(year) * 12 + int(month) - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def first_day(period: str) -> date:
    """The first day of a period's month."""
    year, month = period.split("-")
    return date(int(year), int(month), 1)


def last_closed(today: date, count: int = PROOF_PERIODS) -> tuple[str, ...]:
    """The `count` newest periods whose months are over on `today`, newest first."""
    present = period_of(today)
    return tuple(shifted(present, -age) for age in range(1, count + 1))


def months_between(earlier: str, later: str) -> int:
    """How many months `later` is after `earlier`."""
    return _count(later) - _count(earlier)


def _count(period: str) -> int:
    year, month = period.split("-")
    return int(year) * 12 + int(month)
