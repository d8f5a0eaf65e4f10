"""Payments: the payments table, one item per payment, with everything that one settles by.

Key `client_id`, `payment_id` (sorts by creation). Writes: put once (condition: absent), then each
step repeats the `version` it read. `booked` is the set of money movements that are in the ledger,
by id; the status follows from it. While the outcome is open the item stands in the index `open`
under one of its shards with the moment of the next look (`check_at`); keys only, for the schedule.
"""

from datetime import datetime

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta

OPEN_SHARDS = 8


class OpenIndex(GlobalSecondaryIndex["Payment"]):  # type: ignore[no-untyped-call]  # pynamodb
    """Payments whose outcome is open, by the moment to look again; eventually consistent."""

    class Meta:
        index_name = "open"
        projection = KeysOnlyProjection()

    open = UnicodeAttribute(hash_key=True)
    check_at = UnicodeAttribute(range_key=True)


class Payment(Item):
    """One payment of one client for one or more accounts."""

    class Meta(TableMeta):
        table_name = settings().PAYMENTS_TABLE

    client_id = UnicodeAttribute(hash_key=True)
    payment_id = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute(default="checkout")
    """`checkout`, or `autopay` for a charge without the person."""
    status = UnicodeAttribute()
    amount = NumberAttribute()
    """Kopecks; the sum of the items."""
    items = JSONAttribute()
    """`[{"account_number", "amount", "with_insurance", "insurance"}]`, amounts in kopecks."""
    booked = JSONAttribute(default=dict)
    """`{<movement id>: {"kind", "amount", "at", "parts": [[amount, insurance], one per item]}}`."""
    warnings = JSONAttribute(default=list)
    """Codes that the person was shown when it was made."""
    created_at = UTCDateTimeAttribute()
    paid_at = UTCDateTimeAttribute(null=True)
    language = UnicodeAttribute(default="ru")
    return_url = UnicodeAttribute(null=True)

    checkout_session_id = UnicodeAttribute(null=True)
    checkout_url = UnicodeAttribute(null=True)
    payment_intent_id = UnicodeAttribute(null=True)
    card_brand = UnicodeAttribute(null=True)
    card_last4 = UnicodeAttribute(null=True)
    failure = UnicodeAttribute(null=True)
    """The provider's code of the last refusal, if any."""

    # autopay: which charge this is
    account_number = UnicodeAttribute(null=True)
    month = UnicodeAttribute(null=True)
    attempt = NumberAttribute(null=True)
    customer_id = UnicodeAttribute(null=True)
    """The provider's customer that is charged."""
    card_id = UnicodeAttribute(null=True)
    """The saved card that is charged: a repeated step has to ask for the same."""

    open = UnicodeAttribute(null=True)
    check_at = UnicodeAttribute(null=True)
    checks = NumberAttribute(default=0)
    """How often the schedule has looked."""
    version = VersionAttribute()
    open_index = OpenIndex()


def open_shard(payment_id: str) -> str:
    """The index partition of an open payment: spread by the id's last, random, hex digits."""
    return f"open#{int(payment_id[-4:], 16) % OPEN_SHARDS:02d}"


def check_moment(at: datetime) -> str:
    """`check_at` of a moment: sorts as time does."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
