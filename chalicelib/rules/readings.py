"""Whether a reading is accepted: what is typed against the dial, its history and the window.

Values go in as typed and come out as decimals with all the digits of the dial. A lower value is
never taken, not even when the dial may have run over: that is for a specialist.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from chalicelib.errors import Code
from chalicelib.rules.consumption import LIMIT, Mean, difference, mean_of
from chalicelib.rules.windows import Window

HIGH_CONSUMPTION: Final = "high_consumption"
VERIFICATION_SOON: Final = "verification_soon"
VERIFICATION_SOON_DAYS: Final = 60

OK: Final = "ok"
FAULTY: Final = "faulty"
VERIFICATION_EXPIRED: Final = "verification_expired"

_NUMBER: Final = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]+))?", re.ASCII)


@dataclass(frozen=True)
class Point:
    """A value that was accepted: by us for a period, or by the billing on a day."""

    day: date
    period: str
    """For the billing's values the month of `day`."""
    values: Mapping[str, Decimal]
    billed: bool = False


@dataclass(frozen=True)
class Dial:
    """A device as far as a reading is judged by it."""

    zones: Sequence[str]
    integer: int
    """Digits before the point; `fraction` those after it."""
    fraction: int
    faulty: bool = False
    verification_due: date | None = None
    points: Sequence[Point] = ()

    def status(self, today: date) -> str:
        """`ok`, `faulty` or `verification_expired`; the due day itself is still good."""
        if self.faulty:
            return FAULTY
        if self.verification_due is not None and self.verification_due < today:
            return VERIFICATION_EXPIRED
        return OK

    def earlier(self, window: Window) -> list[Point]:
        """What was accepted before `window`'s period, oldest first.

        The billing's value counts also from inside the window, unless it repeats what was submitted
        in it: then it is the very value that a later reading may replace.
        """
        submitted = [p for p in self.points if not p.billed]
        present = [p for p in submitted if p.period == window.period]
        found = [p for p in submitted if p.period < window.period]
        for point in self.points:
            ours = any(own.day <= point.day for own in present)
            if point.billed and (point.day < window.opens_on or not ours):
                found.append(point)
        return sorted(found, key=lambda p: (p.day, p.billed))

    def previous(self, window: Window) -> dict[str, Decimal]:
        """Per zone the last value of an earlier period; a zone without one is left out."""
        found: dict[str, Decimal] = {}
        for point in self.earlier(window):
            found |= point.values
        return {zone: found[zone] for zone in self.zones if zone in found}

    def mean(self, zone: str, window: Window) -> Mean | None:
        """What the zone uses in a month, by the last six months before `window`'s period."""
        return mean_of({p.period: p.values[zone] for p in self.earlier(window) if zone in p.values})

    def written(self, value: Decimal) -> str:
        """`value` with all the digits of the fraction, and more only where it has more."""
        exponent = value.as_tuple().exponent
        digits = max(self.fraction, -exponent if isinstance(exponent, int) else 0)
        return f"{value:.{digits}f}"


@dataclass(frozen=True)
class Problem:
    """Why a reading is refused; `zone` when it is about one value."""

    code: Code
    zone: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Accepted when there are no problems; then values and consumption as they are to be kept."""

    problems: tuple[Problem, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    consumption: Mapping[str, str | None] = field(default_factory=dict)
    """None for a zone that has no earlier value."""
    warnings: tuple[str, ...] = ()


def judge(
    dial: Dial, typed: Mapping[str, str | None], window: Window, today: date, *, confirmed: bool
) -> Verdict:
    """Judge one meter's values: one problem at most for the meter, else at most one per zone."""
    barred = _barred(dial, window, today)
    if barred is not None:
        return Verdict((barred,))
    previous = dial.previous(window)
    problems: list[Problem] = [
        Problem(Code.ZONE_UNKNOWN, zone) for zone in typed if zone not in dial.zones
    ]
    values: dict[str, str] = {}
    consumption: dict[str, str | None] = {}
    high = False
    for zone in dial.zones:
        read = _read(dial, typed.get(zone))
        if isinstance(read, Code):
            problems.append(Problem(read, zone, _limits(dial)))
            continue
        found = _against(read, previous.get(zone))
        if found is not None:
            problems.append(Problem(found, zone, _limits(dial)))
            continue
        values[zone] = dial.written(read)
        used = difference(read, previous[zone]) if zone in previous else None
        consumption[zone] = None if used is None else dial.written(used)
        mean = dial.mean(zone, window)
        if used is not None and mean is not None and mean.exceeded_by(used):
            high = True
            if not confirmed:
                params = {"mean": dial.written(mean.shown(dial.fraction))}
                problems.append(Problem(Code.CONSUMPTION_NEEDS_CONFIRMATION, zone, params))
    if problems:
        return Verdict(tuple(problems))
    return Verdict((), values, consumption, tuple(_warnings(dial, today, high=high)))


def closed(window: Window) -> Problem:
    """Nothing is taken before `window`, the next one, opens."""
    days = {
        "opens_on": f"{window.opens_on:%d.%m.%Y}",
        "closes_on": f"{window.closes_on:%d.%m.%Y}",
    }
    return Problem(Code.WINDOW_CLOSED, None, days)


def _barred(dial: Dial, window: Window, today: date) -> Problem | None:
    if not window.open:
        return closed(window)
    status = dial.status(today)
    if status == FAULTY:
        return Problem(Code.METER_FAULTY)
    if status == VERIFICATION_EXPIRED:
        return Problem(Code.VERIFICATION_EXPIRED)
    return None


def _read(dial: Dial, typed: str | None) -> Decimal | Code:
    """The value as typed, or why it is none of this dial."""
    if typed is None or not typed.strip():
        return Code.READING_MISSING
    match = _NUMBER.fullmatch(typed)
    if match is None:
        return Code.READING_NOT_A_NUMBER
    sign, whole, fraction = match[1], match[2], match[3] or ""
    value = Decimal(f"{whole}.{fraction or '0'}")
    if sign and value:
        return Code.READING_NEGATIVE
    if len(fraction) > dial.fraction:
        return Code.TOO_MANY_FRACTION_DIGITS
    if len(whole.lstrip("0")) > dial.integer:
        return Code.EXCEEDS_CAPACITY
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def _against(value: Decimal, previous: Decimal | None) -> Code | None:
    """What a value on the dial is refused for, given the zone's last one."""
    if previous is None:
        return None
    if not value:
        return Code.READING_ZERO
    if value < previous:
        return Code.READING_BELOW_PREVIOUS
    if difference(value, previous) > LIMIT:
        return Code.CONSUMPTION_TOO_HIGH
    return None


def _limits(dial: Dial) -> dict[str, Any]:
    return {"integer": dial.integer, "fraction": dial.fraction, "limit": int(LIMIT)}


def _warnings(dial: Dial, today: date, *, high: bool) -> Iterable[str]:
    if high:
        yield HIGH_CONSUMPTION
    due = dial.verification_due
    if due is not None and (due - today).days <= VERIFICATION_SOON_DAYS:
        yield VERIFICATION_SOON
