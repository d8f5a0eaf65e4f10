"""When readings of an account are taken: days of month, decided in Moscow days.

A window belongs to the month in which it opens. One that closes on a smaller day than it opens runs
into the next month; days that a month does not have mean its last one.
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.clock import moscow_day
from chalicelib.rules.periods import first_day, period_of, shifted


@dataclass(frozen=True)
class AccountWindow:
    """An account's own window: days of month, inclusive, and months that differ."""

    opens: int
    closes: int
    overrides: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """`{"2026-12": [1, 12]}`: the period's own two days."""


@dataclass(frozen=True)
class Window:
    """The window that is open at a moment, else the next one."""

    opens_on: date
    closes_on: date
    """The last day, inclusive."""
    open: bool
    period: str
    """The month in which it opens: what its readings count for."""


def window_at(account_window: AccountWindow, moment: datetime) -> Window:
    """The window open at `moment`, else the next to open."""
    return window_on(account_window, moscow_day(moment))


def window_on(account_window: AccountWindow, today: date) -> Window:
    """The window open on a Moscow day, else the next to open."""
    period = shifted(period_of(today), -1)
    while True:
        opens_on, closes_on = _days(account_window, period)
        if today <= closes_on:
            return Window(opens_on, closes_on, today >= opens_on, period)
        period = shifted(period, 1)


def window_of(account_window: AccountWindow, period: str, today: date) -> Window:
    """The window that opens in `period`, as it stands on a Moscow day."""
    opens_on, closes_on = _days(account_window, period)
    return Window(opens_on, closes_on, opens_on <= today <= closes_on, period)


def _days(account_window: AccountWindow, period: str) -> tuple[date, date]:
    opens, closes = account_window.overrides.get(
        period, (account_window.opens, account_window.closes)
    )
    last = period if closes >= opens else shifted(period, 1)
    return _day(period, opens), _day(last, closes)


def _day(period: str, day: int) -> date:
    first = first_day(period)
    return first.replace(day=min(day, calendar.monthrange(first.year, first.month)[1]))
