"""From a stored device to what the rules of readings look at."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.clock import moscow_day
from chalicelib.models.meter import BILLING, Meter
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
