"""Bills: totals and lines apart, so that a list of bills reads little. All amounts in kopecks.

Both items of a bill are put in one transaction by the import. A line keeps the words of the API:
`{service, supplier, volume, unit, tariff, charged, individual, common, benefit, recalculation,
penalty, total, insurance}` with amounts in kopecks and decimals as strings.
"""

from pynamodb.attributes import (
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.json_text import JSONText


class Bill(AccountItem):
    """A bill's totals. Item `bill#<period>`."""

    period = UnicodeAttribute()
    to_pay = NumberAttribute()
    to_pay_without_insurance = NumberAttribute()
    debt_at_start = NumberAttribute()
    """Positive: debt; negative: advance."""
    charged = NumberAttribute()
    paid = NumberAttribute()
    due_on = UnicodeAttribute(null=True)
    as_of = UTCDateTimeAttribute()
    revision = UnicodeAttribute()
    """Hash of the whole bill as imported, so that the same file again changes nothing."""


class BillLines(AccountItem):
    """A bill's service lines. Item `lines#<period>`."""

    period = UnicodeAttribute()
    lines = JSONText()


def bill_item(period: str) -> str:
    """The sort key of a bill's totals."""
    return f"bill#{period}"


def lines_item(period: str) -> str:
    """The sort key of a bill's lines."""
    return f"lines#{period}"
