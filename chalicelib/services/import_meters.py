"""Rows of a meters file: devices, what bills counted last, and their earlier counted values.

What people submitted stays. Two reads per device (a hundred at a call), one transaction per account
and some ninety counted values.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from chalicelib import ids
from chalicelib.errors import Code, FieldError
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Transaction, batch_get
from chalicelib.models.meter import BILLING, Meter, meter_item
from chalicelib.models.reading import Reading, reading_item
from chalicelib.services.import_rows import (
    Checked,
    Outcome,
    at_once,
    by_account,
    groups,
    persistently,
    revision_of,
)
from chalicelib.shapes.imports import Counted, MeterRow, midnight

ROWS_AT_ONCE: Final = 50
WRITES_AT_ONCE: Final = 100
"""What a transaction holds."""
FAULTY: Final = "faulty"


def apply(rows: list[Checked[MeterRow]]) -> Outcome:
    """Apply checked rows."""
    outcome = Outcome()
    for group in groups(rows, ROWS_AT_ONCE):
        wanted = list(dict.fromkeys(_keys(group)))
        known = dict(zip(((k[1], k[2]) for k in wanted), batch_get(wanted), strict=True))
        outcome.add(at_once(partial(_of_account, known), by_account(group).values()))
    return outcome


def _keys(group: list[Checked[MeterRow]]) -> list[Any]:
    keys: list[Any] = []
    for checked in group:
        row = checked.row
        keys += [
            (Account, row.account_number, ACCOUNT),
            (Meter, row.account_number, meter_item(row.id)),
        ]
    return keys


def _of_account(known: dict[Any, Any], told: list[Checked[MeterRow]]) -> Outcome:
    outcome = Outcome()
    good = [checked.row for checked in told if _accepted(checked, known, outcome)]
    for rows in _sets(good):
        _apply(rows, known, outcome)
    return outcome


def _accepted(checked: Checked[MeterRow], known: dict[Any, Any], outcome: Outcome) -> bool:
    row = checked.row
    if known[row.account_number, ACCOUNT] is None:
        outcome.refuse(checked.line, [FieldError("account_number", Code.ACCOUNT_UNKNOWN)])
        return False
    bad = [
        FieldError(name, Code.METER_VALUES_WRONG)
        for name, counted in _told(row)
        if set(counted.values) != set(row.zones)
    ]
    if bad:
        outcome.refuse(checked.line, bad)
    return not bad


def _sets(rows: list[MeterRow]) -> list[list[MeterRow]]:
    """What goes into one transaction each: no device twice, not too many counted values."""
    sets: list[list[MeterRow]] = []
    devices: set[str] = set()
    writes = 0
    for row in rows:
        needed = 1 + len(_told(row))
        if not sets or row.id in devices or writes + needed > WRITES_AT_ONCE:
            sets.append([])
            devices, writes = set(), 0
        sets[-1].append(row)
        devices.add(row.id)
        writes += needed
    return sets


def _apply(rows: list[MeterRow], known: dict[Any, Any], outcome: Outcome) -> None:
    changed: list[tuple[MeterRow, str]] = []
    for row in rows:
        revision = revision_of(row)
        meter = known[row.account_number, meter_item(row.id)]
        if meter is not None and meter.revision == revision:
            outcome.unchanged += 1
        else:
            outcome.applied += 1
            changed.append((row, revision))
    if not changed:
        return
    keys = [(Meter, row.account_number, meter_item(row.id)) for row, _ in changed]
    at_hand = [[known[number, item] for _, number, item in keys]]

    def write() -> list[Meter]:
        stored: Any = at_hand.pop() if at_hand else batch_get(keys)
        return _write(changed, stored)

    for meter in persistently(write):
        known[meter.account_number, meter.item] = meter


def _told(row: MeterRow) -> list[tuple[str, Counted]]:
    told = [(f"history[{number}].values", each) for number, each in enumerate(row.history)]
    return told + ([("last_billed.values", row.last_billed)] if row.last_billed else [])


def _write(rows: list[tuple[MeterRow, str]], stored: list[Meter | None]) -> list[Meter]:
    t = Transaction()
    meters = []
    for (row, revision), known in zip(rows, stored, strict=True):
        meter = known or Meter(row.account_number, meter_item(row.id), meter_id=row.id)
        for reading in _taken_in(meter, row, revision):
            t.put(f"reading:{reading.item}", reading)
        t.put(f"meter:{row.id}", meter)  # on the condition of its version
        meters.append(meter)
    t.commit()
    return meters


def _taken_in(meter: Meter, row: MeterRow, revision: str) -> list[Reading]:
    """Move the device on to what the row tells; the history that is to be stored with it."""
    due = row.verification_due
    facts = {
        "number": row.number,
        "service": row.service,
        "unit": row.unit,
        "capacity_integer": row.capacity.integer,
        "capacity_fraction": row.capacity.fraction,
        "zones": list(row.zones),
        "verification_due": due.isoformat() if due else None,
        "faulty": int(row.status == FAULTY),
        "revision": revision,
    }
    previous = _before(meter, row)
    meter.merge_imported(facts, None)
    readings: dict[str, Reading] = {}
    oldest_first = sorted((each for _, each in _told(row)), key=lambda each: each.on)
    for counted in oldest_first[-(WRITES_AT_ONCE - 1) :]:
        on = counted.on.isoformat()
        # A value older than the one that stands came late: it is history only.
        if meter.last_billed is None or meter.last_billed["on"] <= on:
            meter.merge_imported({}, {"values": dict(counted.values), "on": on})
        if not _submitted_here(meter, counted):
            readings[on] = _reading(row, counted, previous)
        previous = counted.values
    return list(readings.values())


def _before(meter: Meter, row: MeterRow) -> Mapping[Any, str] | None:
    """What stood before the oldest value of the row, where the device is known and its zones stay."""
    stands = meter.last_billed
    first = min((each.on for _, each in _told(row)), default=None)
    if stands is None or first is None or stands["on"] >= first.isoformat():
        return None
    return dict(stands["values"]) if set(stands["values"]) == set(row.zones) else None


def _submitted_here(meter: Meter, counted: Counted) -> bool:
    """Whether the bill counted what the cabinet took: then it stands in the history already."""
    return any(
        entry["source"] != BILLING and entry["values"] == counted.values
        for entry in meter.last_accepted
    )


def _reading(row: MeterRow, counted: Counted, previous: Mapping[Any, str] | None) -> Reading:
    taken_at = midnight(counted.on)
    reading_id = ids.derived_id("rd", row.account_number, row.id, counted.on.isoformat())
    consumption = {
        zone: str(Decimal(value) - Decimal(previous[zone]))
        for zone, value in counted.values.items()
        if previous is not None
    }
    return Reading(
        row.account_number,
        reading_item(taken_at, row.id, reading_id),
        reading_id=reading_id,
        meter_id=row.id,
        period=counted.on.isoformat()[:7],
        values=dict(counted.values),
        consumption=consumption,
        taken_at=taken_at,
        source=BILLING,
    )
