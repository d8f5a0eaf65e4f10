"""When to remind of readings, and under which places an index finds who may be reminded on a day.

Places follow from an account's window and stay the same from month to month; days that differ have
places of their own. They find candidates only: `reminder_on` says whether a day is one.
"""

import calendar
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.rules.windows import AccountWindow, Window, window_of, window_on

_DAY: Final = timedelta(days=1)


class Reminder(StrEnum):
    """The two days of a window: its first, and the last but one."""

    FIRST = "first"
    LAST = "last"


def reminder_on(account_window: AccountWindow, day: date) -> tuple[Reminder, Window] | None:
    """What a Moscow day is for: a window of two days has one reminder, as has one of one day."""
    window = window_on(account_window, day)
    if day == window.opens_on:
        return Reminder.FIRST, window
    if window.open and day == window.closes_on - _DAY:
        return Reminder.LAST, window
    return None


def places_of(account_window: AccountWindow, today: date) -> frozenset[str]:
    """Where an account stands in the index: by its days of month, and on days of months that differ."""
    places = {f"opens#{account_window.opens:02d}", f"closes#{account_window.closes:02d}"}
    for period in account_window.overrides:
        window = window_of(account_window, period, today)
        days = (window.opens_on, window.closes_on - _DAY)
        places |= {f"on#{day.isoformat()}" for day in days if day >= today}
    return frozenset(places)


def places_on(day: date) -> tuple[str, ...]:
    """Where everybody stands who may have to be reminded on `day`."""
    return (
        *(f"opens#{number:02d}" for number in _days_of_month(day)),
        *(f"closes#{number:02d}" for number in _days_of_month(day + _DAY)),
        f"on#{day.isoformat()}",
    )


def _days_of_month(day: date) -> range:
    """The days of month that `day` is: a month's last day is also all that it does not have."""
    last = calendar.monthrange(day.year, day.month)[1]
    return range(day.day, 32 if day.day == last else day.day + 1)
