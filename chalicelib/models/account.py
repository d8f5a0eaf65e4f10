"""Facts of a personal account, its balance and its reading window; written by the billing's imports.

`unbilled` is what makes `to_pay` change the moment a payment settles: a map from our own id of the
payment, refund or dispute (or the billing's id of an imported one) to kopecks and the billing
period that counted it. Setting a key again changes nothing, so no step can count money twice.
"""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)

from chalicelib.models.accounts_table import AccountItem

ITEM = "account"


class Account(AccountItem):
    """One personal account. Item `account`."""

    owner_name = UnicodeAttribute(default="")
    address = UnicodeAttribute(default="")
    total_area = UnicodeAttribute(null=True)
    """Square metres, a decimal string, as are the other areas."""
    living_area = UnicodeAttribute(null=True)
    residents = NumberAttribute(null=True)
    registered = NumberAttribute(null=True)
    ownership = UnicodeAttribute(null=True)
    insurance_refused = BooleanAttribute(default=False)
    """The client filed a written refusal of voluntary insurance."""

    window_opens = NumberAttribute(default=15)
    """Day of month, 1 to 31, on which readings open; `window_closes` is the last day, inclusive."""
    window_closes = NumberAttribute(default=26)
    window_overrides = JSONAttribute(default=dict)
    """Months with their own window: `{"2026-12": [1, 12]}`."""

    bill_period = UnicodeAttribute(null=True)
    """Period of the newest bill, `2026-10`; the amounts below are that bill's, in kopecks."""
    bill_to_pay = NumberAttribute(default=0)
    bill_insurance = NumberAttribute(default=0)
    bill_debt_at_start = NumberAttribute(default=0)
    bill_charged = NumberAttribute(default=0)
    bill_paid = NumberAttribute(default=0)
    bill_as_of = UTCDateTimeAttribute(null=True)
    unbilled: MapAttribute[str, object] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    """`{<id>: {"amount": kopecks, "period": "2026-11" or absent, "insurance": kopecks}}`."""
    last_paid: ListAttribute[object] = ListAttribute(null=True)
    """Newest own payments, for the guard against paying twice: `[{"id", "amount", "at"}]`, at most 5."""

    revision = UnicodeAttribute(null=True)
    """Hash of the imported facts, so that the same file again changes nothing."""
    version = VersionAttribute()
