"""Metering devices with what a new reading is judged by, so that submitting reads nothing else.

Values are decimal strings by zone, `{"T1": "120.500"}`. Periods are the month in which a reading's
window opens.
"""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, VersionAttribute

from chalicelib.models.accounts_table import AccountItem


class Meter(AccountItem):
    """One device. Item `meter#<id>`. Facts and `last_billed` come from the billing."""

    meter_id = UnicodeAttribute()
    number = UnicodeAttribute()
    service = UnicodeAttribute()
    unit = UnicodeAttribute()
    capacity_integer = NumberAttribute()
    capacity_fraction = NumberAttribute()
    zones = JSONAttribute()
    """`["T1"]`, or two or three zones."""
    verification_due = UnicodeAttribute(null=True)
    """The last day, inclusive, on which its readings are accepted."""
    faulty = NumberAttribute(default=0)
    last_billed = JSONAttribute(null=True)
    """`{"values": {"T1": "108.006"}, "on": "2026-10-13"}`, as the last bill counted it."""
    last_accepted = JSONAttribute(default=list)
    """Newest first, one per period, at most 8: `[{"period", "values", "reading_id", "at", "source"}]`."""
    revision = UnicodeAttribute(null=True)
    """Hash of the imported facts."""
    version = VersionAttribute()


def meter_item(meter_id: str) -> str:
    """The sort key of a device."""
    return f"meter#{meter_id}"
