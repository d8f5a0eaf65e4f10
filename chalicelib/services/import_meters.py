"""Rows of a meters file: devices, what bills counted last, and their earlier counted values.

What people submitted stays. Two reads per device (a hundred at a call), one transaction per device
that changed.
"""

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
READINGS_AT_ONCE: Final = 90
FAULTY: Final = "faulty"


def apply(rows: list[Checked[MeterRow]]) -> Outcome:
    """Apply checked rows."""
    outcome = Outcome()
    for group in groups(rows, ROWS_AT_ONCE):
        wanted = list(dict.fromkeys(_keys(group)))
        known = dict(zip(((k[1], k[2]) for k in wanted), batch_get(wanted), strict=True))
        outcome.add(at_once(partial(_of_account, known), by_account(group).values()))
    return outcome


def _of_account(known: dict[Any, Any], told: list[Checked[MeterRow]]) -> Outcome:
    outcome = Outcome()
    for checked in told:
        _apply(checked, known, outcome)
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


def _apply(checked: Checked[MeterRow], known: dict[Any, Any], outcome: Outcome) -> None:
    row = checked.row
    if known[row.account_number, ACCOUNT] is None:
        outcome.refuse(checked.line, [FieldError("account_number", Code.ACCOUNT_UNKNOWN)])
        return
    bad = [
        FieldError(name, Code.METER_VALUES_WRONG)
        for name, counted in _told(row)
        if set(counted.values) != set(row.zones)
    ]
    if bad:
        outcome.refuse(checked.line, bad)
        return
    revision = revision_of(row)
    meter = known[row.account_number, meter_item(row.id)]
    if meter is not None and meter.revision == revision:
        outcome.unchanged += 1
        return
    outcome.applied += 1
    at_hand = [meter]

    def write() -> Meter:
        found = at_hand.pop() if at_hand else _read(row)
        return _write(row, found, revision)

    known[row.account_number, meter_item(row.id)] = persistently(write)


def _told(row: MeterRow) -> list[tuple[str, Counted]]:
    told = [(f"history[{number}].values", each) for number, each in enumerate(row.history)]
    return told + ([("last_billed.values", row.last_billed)] if row.last_billed else [])


def _read(row: MeterRow) -> Meter | None:
    (found,) = batch_get([(Meter, row.account_number, meter_item(row.id))])
    return found if isinstance(found, Meter) else None


def _write(row: MeterRow, stored: Meter | None, revision: str) -> Meter:
    meter = stored or Meter(row.account_number, meter_item(row.id), meter_id=row.id)
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
    meter.merge_imported(facts, None)
    t = Transaction()
    previous: Counted | None = None
    for counted in sorted((each for _, each in _told(row)), key=lambda each: each.on):
        on = counted.on.isoformat()
        # A value older than the one that stands came late: it is history only.
        if meter.last_billed is None or meter.last_billed["on"] <= on:
            meter.merge_imported({}, {"values": dict(counted.values), "on": on})
        if not _submitted_here(meter, counted) and len(t) < READINGS_AT_ONCE:
            reading = _reading(row, counted, previous)
            t.put(f"reading:{on}", reading)
        previous = counted
    t.put("meter", meter)  # on the condition of its version
    t.commit()
    return meter


def _submitted_here(meter: Meter, counted: Counted) -> bool:
    """Whether the bill counted what the cabinet took: then it stands in the history already."""
    return any(
        entry["source"] != BILLING and entry["values"] == counted.values
        for entry in meter.last_accepted
    )


def _reading(row: MeterRow, counted: Counted, previous: Counted | None) -> Reading:
    taken_at = midnight(counted.on)
    reading_id = ids.derived_id("rd", row.account_number, row.id, counted.on.isoformat())
    consumption = {
        zone: str(Decimal(value) - Decimal(previous.values[zone]))
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
