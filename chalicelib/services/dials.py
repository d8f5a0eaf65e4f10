"""From a stored device to what the rules of readings look at."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from chalicelib.clock import moscow_day
from chalicelib.ids import derived_id
from chalicelib.models.meter import BILLING, Meter
from chalicelib.models.reading import Reading, reading_item
from chalicelib.rules.consumption import difference
from chalicelib.rules.periods import period_of
from chalicelib.rules.readings import Dial, Point


def dial_of(meter: Meter) -> Dial:
    """`meter` with everything that was accepted of it. No calls."""
    due = meter.verification_due
    return Dial(
        zones=tuple(meter.zones),
        integer=int(meter.capacity_integer),
        fraction=int(meter.capacity_fraction),
        faulty=bool(meter.faulty),
        verification_due=date.fromisoformat(due) if due else None,
        points=tuple(_points(meter)),
    )


def billed_reading(account_number: str, meter: Meter) -> Reading | None:
    """The history's item for `meter.last_billed`, to be put by an import; None when there is none to make.

    The same value of the same day gives the same item, so putting it again changes nothing. A value
    that was submitted for the month already stands in the history. No calls.
    """
    if meter.last_billed is None:
        return None
    on, values = meter.last_billed["on"], meter.last_billed["values"]
    counted = _billed(on, values)
    submitted = [p for p in dial_of(meter).points if not p.billed and p.day <= counted.day]
    if any(p.values == counted.values for p in submitted if p.period == counted.period):
        return None
    before: dict[str, Decimal] = {}
    for point in sorted(dial_of(meter).points, key=lambda p: (p.day, p.billed)):
        if point.day < counted.day:
            before |= point.values
    taken_at = datetime.combine(counted.day, _NOON, UTC)
    reading_id = derived_id(
        "rd", account_number, meter.meter_id, on, json.dumps(values, sort_keys=True)
    )
    return Reading(
        account_number,
        reading_item(taken_at, meter.meter_id, reading_id),
        reading_id=reading_id,
        meter_id=meter.meter_id,
        period=counted.period,
        values=dict(values),
        consumption={
            zone: str(difference(value, before[zone])) if zone in before else None
            for zone, value in counted.values.items()
        },
        taken_at=taken_at,
        source=meter.last_billed.get("source") or BILLING,
    )


_NOON = time(9)
"""In Moscow: the billing tells days only."""


def _points(meter: Meter) -> list[Point]:
    points = [_accepted(entry) for entry in meter.last_accepted]
    if meter.last_billed:
        points.append(_billed(meter.last_billed["on"], meter.last_billed["values"]))
    return points


def _accepted(entry: Mapping[str, Any]) -> Point:
    if entry["source"] == BILLING:
        return _billed(entry["at"], entry["values"])
    day = moscow_day(datetime.fromisoformat(entry["at"]))
    return Point(day, entry["period"], _decimals(entry["values"]))


def _billed(on: str, values: Mapping[str, str]) -> Point:
    day = date.fromisoformat(on)
    return Point(day, period_of(day), _decimals(values), billed=True)


def _decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {zone: Decimal(value) for zone, value in values.items()}
