"""Readings: one item each, never changed but for its state. Values are decimal strings by zone."""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from chalicelib.models.accounts_table import AccountItem

ACCEPTED = "accepted"
REPLACED = "replaced"
WITHDRAWN = "withdrawn"


class Reading(AccountItem):
    """One reading of one device. Item `reading#<taken_at>#<meter_id>#<id>`."""

    reading_id = UnicodeAttribute()
    meter_id = UnicodeAttribute()
    period = UnicodeAttribute()
    """The month it counts for: the one in which its window opens."""
    values = JSONAttribute()
    consumption = JSONAttribute()
    taken_at = UTCDateTimeAttribute()
    source = UnicodeAttribute()
    """`cabinet`, or what the billing says: `billing`, `controller`, `estimate`."""
    client_id = UnicodeAttribute(null=True)
    state = UnicodeAttribute(default=ACCEPTED)
    high_confirmed = BooleanAttribute(default=False)
