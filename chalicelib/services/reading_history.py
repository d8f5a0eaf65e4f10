"""The readings that an account has had, with the source of each; undoing one of the open window."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib import clock
from chalicelib.clock import moscow_day
from chalicelib.errors import Code, Conflict, NotFound, Unavailable, refuse_field
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.accounts_table import export_key
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.meter import Meter, meter_item
from chalicelib.models.reading import (
    ACCEPTED,
    CABINET,
    WITHDRAWN,
    Reading,
    is_reading_item,
    newest_readings,
    undone_item,
)
from chalicelib.observability import count
from chalicelib.rules.periods import first_day, shifted
from chalicelib.rules.readings import closed
from chalicelib.rules.windows import window_at, window_of
from chalicelib.services import cursors
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.readings import has_left, window_days
from chalicelib.services.windows import account_window

TRIES: Final = 8
_ID: Final = re.compile(r"rd_[0-9a-f]{32}")
SLACK: Final = timedelta(days=1)
"""Keys carry UTC moments, periods are Moscow months."""


@dataclass(frozen=True)
class Wanted:
    """Which readings: of one meter, of the months `first`..`last`, inclusive; all where None."""

    meter_id: str | None = None
    first: str | None = None
    last: str | None = None

    def hold(self, reading: Reading) -> bool:
        """Whether `reading` is among them."""
        return (
            self.meter_id in (None, reading.meter_id)
            and (self.first or "") <= reading.period
            and (self.last is None or reading.period <= self.last)
        )


def list_readings(
    client_id: str, account_number: str, wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[Reading], str | None]:
    """A page of the history, newest first, and the next cursor.

    One batch and one query per 200 readings looked at. Raises NotFound, Forbidden
    `account_not_verified`, Refused `cursor_invalid`.
    """
    after = cursors.unpack(cursor, 1)
    if after and not is_reading_item(after[0]):
        raise refuse_field("cursor", Code.CURSOR_INVALID)
    (holder,) = batch_get([holder_key(account_number, client_id)])
    require_holder(holder)
    page: list[Reading] = []
    for reading in _looked_at(account_number, wanted, after[0] if after else None):
        if not wanted.hold(reading):
            continue
        if len(page) == limit:
            return page, cursors.pack(page[-1].item)
        page.append(reading)
    return page, None


def _looked_at(number: str, wanted: Wanted, after: str | None) -> Iterator[Reading]:
    """Readings taken in the wanted months; a window may run into the next one."""
    since = first_day(wanted.first) - SLACK if wanted.first else None
    before = first_day(shifted(wanted.last, 2)) if wanted.last else None
    return newest_readings(number, since, before, after=after, page=201)


def undo(client_id: str, account_number: str, reading_id: str) -> None:
    """Withdraw a reading of the open window: its period has none again, also if it replaced one.

    Any proven holder may. Again is the same. One batch, one query, one batch, one transaction.
    Raises NotFound, Forbidden `account_not_verified`, Conflict `window_closed`,
    `reading_cannot_be_undone`.
    """
    holder, account = batch_get(
        [holder_key(account_number, client_id), (Account, account_number, ACCOUNT)]
    )
    require_holder(holder)
    if not isinstance(account, Account):
        raise NotFound
    reading = _find(account_number, reading_id)
    for _ in range(TRIES):
        now = clock.now()
        if reading.state == WITHDRAWN:
            return
        _refuse_undoing(reading, account, now)
        try:
            _withdraw(account_number, reading, now)
        except Refusal:
            reading = _reread(account_number, reading)
        else:
            count("readings", outcome="withdrawn")
            return
    raise Unavailable(Code.TRY_AGAIN, retry_after_seconds=1)


def _find(account_number: str, reading_id: str) -> Reading:
    if not _ID.fullmatch(reading_id):
        raise NotFound
    for reading in newest_readings(account_number):
        if reading.reading_id == reading_id:
            return reading
    raise NotFound


def _reread(account_number: str, reading: Reading) -> Reading:
    (found,) = batch_get([(Reading, account_number, reading.item)])
    if not isinstance(found, Reading):
        raise NotFound
    return found


def _refuse_undoing(reading: Reading, account: Account, now: datetime) -> None:
    if reading.source != CABINET:
        raise Conflict(Code.READING_CANNOT_BE_UNDONE)
    if not window_of(account_window(account), reading.period, moscow_day(now)).open:
        following = window_at(account_window(account), now)
        raise Conflict(Code.WINDOW_CLOSED, extra=window_days(following), **closed(following).params)
    if reading.state != ACCEPTED:
        raise Conflict(Code.READING_CANNOT_BE_UNDONE)


def _withdraw(account_number: str, reading: Reading, now: datetime) -> None:
    """One batch, one transaction. Raises Refusal when somebody changed the device or the reading."""
    key: tuple[type[Model], str, str | None] = (
        Meter,
        account_number,
        meter_item(reading.meter_id),
    )
    (meter,) = batch_get([key])
    t = Transaction()
    actions: list[Action] = [Reading.state.set(WITHDRAWN)]
    if has_left(reading.received_at or reading.taken_at, now):
        t.put("notice", _notice(account_number, reading, moscow_day(now)))
    else:
        actions.append(Reading.export.remove())
    t.update("reading", reading, actions, Reading.state == ACCEPTED)
    if isinstance(meter, Meter):
        left = meter.without_submitted(reading.period)
        t.update("meter", meter, [Meter.last_accepted.set(left)])
    t.commit()


def _notice(account_number: str, reading: Reading, today: date) -> Reading:
    """What the export of `today` tells of a reading that left in an earlier one."""
    return Reading(
        account_number,
        undone_item(reading.reading_id),
        reading_id=reading.reading_id,
        meter_id=reading.meter_id,
        period=reading.period,
        values=reading.values,
        consumption=reading.consumption,
        taken_at=reading.taken_at,
        source=reading.source,
        client_id=reading.client_id,
        state=WITHDRAWN,
        high_confirmed=reading.high_confirmed,
        export=export_key("readings", today, reading.reading_id),
    )
