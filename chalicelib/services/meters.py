"""An account's metering devices as a holder sees them: facts, last values, when to submit."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib import clock
from chalicelib.clock import moscow_day
from chalicelib.errors import NotFound
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import batch_get
from chalicelib.models.meter import Meter, meters_of
from chalicelib.rules.readings import OK
from chalicelib.rules.windows import Window, window_at
from chalicelib.services import cursors
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.dials import dial_of
from chalicelib.services.windows import account_window


@dataclass(frozen=True)
class MeterView:
    """One device at a moment."""

    meter: Meter
    status: str
    last_submitted: dict[str, Any] | None
    previous: dict[str, str]
    mean: dict[str, str | None]
    window: Window
    needed: bool


def list_meters(
    client_id: str, account_number: str, limit: int, cursor: str | None
) -> tuple[list[MeterView], str | None]:
    """A page of the account's devices and the next cursor. One batch and one query.

    Raises NotFound, Forbidden `account_not_verified`, Refused `cursor_invalid`.
    """
    after = cursors.unpack(cursor, 1)
    holder, account = batch_get(
        [holder_key(account_number, client_id), (Account, account_number, ACCOUNT)]
    )
    require_holder(holder)
    if not isinstance(account, Account):
        raise NotFound
    now = clock.now()
    window = window_at(account_window(account), now)
    meters = [m for m in meters_of(account_number) if not after or m.meter_id > after[0]]
    views = [_view(meter, window, now) for meter in meters[:limit]]
    more = len(meters) > limit
    return views, cursors.pack(views[-1].meter.meter_id) if more else None


def needs_reading(meter: Meter, window: Window, today: date) -> bool:
    """Whether the window is open, the device's readings are accepted, and there is none yet."""
    able = dial_of(meter).status(today) == OK
    return window.open and able and meter.submitted(window.period) is None


def _view(meter: Meter, window: Window, now: datetime) -> MeterView:
    dial = dial_of(meter)
    today = moscow_day(now)
    means = {zone: dial.mean(zone, window) for zone in dial.zones}
    return MeterView(
        meter=meter,
        status=dial.status(today),
        last_submitted=meter.submitted(),
        previous={zone: dial.written(v) for zone, v in dial.previous(window).items()},
        mean={
            zone: dial.written(mean.shown(dial.fraction)) if mean else None
            for zone, mean in means.items()
        },
        window=window,
        needed=needs_reading(meter, window, today),
    )
