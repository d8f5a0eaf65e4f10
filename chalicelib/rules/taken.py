"""When a reading was taken: the moment its person says, as far as it can be believed.

Readings typed without a connection are sent later with the moment they were read off. A device's
clock may be a little ahead; nobody keeps readings for weeks; and a month that the billing has
closed takes nothing any more.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.clock import moscow_day
from chalicelib.errors import Code, refuse_field
from chalicelib.rules.periods import period_of
from chalicelib.rules.windows import AccountWindow, Window, window_at

AHEAD: Final = timedelta(minutes=5)
"""What a device's clock may be ahead of ours: such a reading is of this moment."""
PRESENT: Final = timedelta(minutes=1)
"""A reading taken within it is of this moment: it only was on its way, or clocks differ."""
KEPT: Final = timedelta(days=3)
"""How long readings may wait for a connection."""

_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def taken_moment(said: str | None, now: datetime) -> datetime:
    """The moment that was said, `now` without one. Raises Refused: `moment_invalid`, `out_of_range`
    (it has not come yet), `taken_too_long_ago`.
    """
    if said is None:
        return now
    moment = _moment(said)
    if moment is None:
        raise refuse_field("taken_at", Code.MOMENT_INVALID)
    if moment > now + AHEAD:
        raise refuse_field("taken_at", Code.OUT_OF_RANGE)
    if moment < now - KEPT:
        raise refuse_field("taken_at", Code.TAKEN_TOO_LONG_AGO)
    return moment.astimezone(UTC) if moment < now - PRESENT else now


def window_for(account_window: AccountWindow, taken_at: datetime, now: datetime) -> Window:
    """The window that judges a reading taken at `taken_at` and received `now`.

    The one it was taken in, even if that has closed meanwhile, as long as the Moscow month in which
    it closed lasts: then the billing has not closed either. Else the one of `now`.
    """
    then = window_at(account_window, taken_at)
    if then.open and period_of(then.closes_on) >= period_of(moscow_day(now)):
        return then
    return window_at(account_window, now)


def _moment(said: str) -> datetime | None:
    if not _RFC3339.fullmatch(said):
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None
