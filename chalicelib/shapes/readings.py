"""Shapes of meters and readings. Values are decimal strings by zone, `{"T1": "120.500"}`."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.shapes.base import PERIOD_PATTERN, AnswerShape, AskShape, Moment, PageQuery

READINGS_AT_ONCE = 30
"""A transaction has room for three writes per meter, the kept answer and a look at the right."""

_MeterId = Annotated[str, Field(pattern=r"^[^\s#]{1,100}$")]
_Zone = Annotated[str, Field(pattern=r"^T[1-9]$")]
_Typed = Annotated[str, Field(max_length=32)]
_Month = Annotated[str, Field(pattern=PERIOD_PATTERN)]


class ReadingIn(AskShape):
    """One meter's values as typed: every zone, with a point or a comma."""

    meter_id: _MeterId
    values: Annotated[dict[_Zone, _Typed | None], Field(max_length=9)]


class SubmitReadings(AskShape):
    """Readings of one or several meters of an account: all are taken or none is."""

    readings: Annotated[list[ReadingIn], Field(min_length=1, max_length=READINGS_AT_ONCE)]
    confirm_high_consumption: bool = False
    dry_run: bool = False
    """Judge only: nothing is stored, no Idempotency-Key is needed."""
    taken_at: Annotated[str, Field(max_length=40)] | None = None
    """When the values were read off, RFC 3339 with an offset: for readings that were kept while there
    was no connection, at most three days. Without it they are of this moment."""


class SubmittedOut(AnswerShape):
    """An accepted reading."""

    id: str | None
    """None in a dry run."""
    meter_id: str
    values: dict[str, str]
    consumption: dict[str, str | None]
    """Since the last value of an earlier period; null for a zone that has none."""
    taken_at: Moment
    counts_for: str
    """The month in which the window opens."""
    source: str
    warnings: list[Literal["high_consumption", "verification_soon"]]


class SubmittedListOut(AnswerShape):
    """Accepted readings in the order of the request."""

    items: list[SubmittedOut]


class ReadingsQuery(PageQuery):
    """A page of the history, of one meter and some months if asked: both ends inclusive."""

    meter_id: Annotated[str, Field(max_length=100)] | None = None
    from_: _Month | None = None
    to: _Month | None = None


class ReadingOut(AnswerShape):
    """A reading in the history."""

    id: str
    meter_id: str
    values: dict[str, str]
    consumption: dict[str, str | None]
    taken_at: Moment
    counts_for: str
    source: str
    """`cabinet`, or what the billing says: `billing`, `controller`, `estimate`."""
    state: Literal["accepted", "replaced", "withdrawn"]


class ReadingsOut(AnswerShape):
    """A page of the history, newest first."""

    items: list[ReadingOut]
    next_cursor: str | None


class CapacityOut(AnswerShape):
    """Digits of the dial before and after the point."""

    integer: int
    fraction: int


class BilledOut(AnswerShape):
    """What the last bill counted, and on which day it was read."""

    values: dict[str, str]
    on: date


class LastSubmittedOut(AnswerShape):
    """What was submitted last."""

    values: dict[str, str]
    at: Moment
    source: str


class SubmitOut(AnswerShape):
    """The window that is open, else the next one."""

    open: bool
    opens_on: date
    closes_on: date
    """The last day, inclusive."""
    needed: bool
    """The window is open and nothing was submitted in it yet."""


class MeterOut(AnswerShape):
    """A metering device."""

    id: str
    number: str
    service: str
    unit: str
    capacity: CapacityOut
    zones: list[str]
    verification_due: date | None
    """The last day, inclusive, on which its readings are accepted."""
    status: Literal["ok", "faulty", "verification_expired"]
    last_billed: BilledOut | None
    last_submitted: LastSubmittedOut | None
    previous: dict[str, str]
    """What a new reading is compared with: the last values of earlier periods."""
    mean_consumption: dict[str, str | None]
    """Of a month, by the last six; null for a zone without history."""
    submit: SubmitOut


class MetersOut(AnswerShape):
    """The account's devices."""

    items: list[MeterOut]
    next_cursor: str | None


class MetersQuery(PageQuery):
    """A page of devices."""
