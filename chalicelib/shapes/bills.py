"""Shapes of bills."""

from typing import Annotated

from pydantic import Field

from chalicelib.shapes.base import (
    PERIOD_PATTERN,
    AnswerShape,
    AskShape,
    Moment,
    Money,
    PageQuery,
)

_Month = Annotated[str, Field(pattern=PERIOD_PATTERN)]


class BillsQuery(PageQuery):
    """A page of bills, of some months if asked: both ends inclusive."""

    from_: _Month | None = None
    to: _Month | None = None


class ServicesQuery(AskShape):
    """Months to look back over: both ends inclusive, at most 36; the last 12 closed ones if not asked."""

    from_: _Month | None = None
    to: _Month | None = None


class BillOut(AnswerShape):
    """A bill's totals. Those of the newest bill change with every payment that settles."""

    period: str
    to_pay: Money
    to_pay_without_insurance: Money
    debt_at_start: Money
    """Negative: an advance."""
    charged: Money
    paid: Money
    due_on: str | None
    as_of: Moment


class BillsOut(AnswerShape):
    """A page of bills, newest first."""

    items: list[BillOut]
    next_cursor: str | None


class BillLineOut(AnswerShape):
    """One service of a bill: `total` is charged - benefit + recalculation + penalty."""

    service: str
    supplier: str | None
    volume: str | None
    unit: str | None
    tariff: str | None
    charged: Money
    individual: Money | None
    """Of `charged`, for the household's own use; `common` is for what the house shares."""
    common: Money | None
    benefit: Money
    recalculation: Money
    penalty: Money
    total: Money
    insurance: bool
    """Voluntary insurance: may be left out when paying."""


class WholeBillOut(BillOut):
    """A bill with its lines, in the order of the billing."""

    lines: list[BillLineOut]


class ServiceMonthOut(AnswerShape):
    """What one month's bill charged for a service."""

    period: str
    volume: str | None
    total: Money


class ServiceOut(AnswerShape):
    """A service over months, oldest first; a month whose bill has no such line is left out."""

    service: str
    supplier: str | None
    """As the newest of these bills names it."""
    unit: str | None
    insurance: bool
    months: list[ServiceMonthOut]


class ServicesOut(AnswerShape):
    """Every service of these months, in the order of the newest bill."""

    items: list[ServiceOut]
    next_cursor: None = None
