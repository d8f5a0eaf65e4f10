"""The outbox: every letter and SMS that was decided on, one item each, until long after it is sent.

Key `message_id` (derived from what the message is about, so the same decision is the same item).
Writes: put once with the decision (condition: absent), one conditional update to claim a sending,
one to close it. Reads: none by key, the claim returns the item; index `unsent` (keys only) for
the schedule that finds what no queue message leads to any more.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta

UNSENT_SHARDS = 8
KEPT = timedelta(days=180)
"""How long a closed message stays, for questions and for late bounces."""


class MessageState(StrEnum):
    """Where a message is. `sent`, `skipped` and `dead` are final."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    DEAD = "dead"


class UnsentIndex(GlobalSecondaryIndex["OutboxMessage"]):  # type: ignore[no-untyped-call]  # pynamodb
    """Messages that are not final, by shard and age; eventually consistent."""

    class Meta:
        index_name = "unsent"
        projection = KeysOnlyProjection()

    unsent = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class OutboxMessage(Item):
    """One decided message."""

    class Meta(TableMeta):
        table_name = settings().OUTBOX_TABLE

    message_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute()
    client_id = UnicodeAttribute(null=True)
    to = UnicodeAttribute(null=True)
    """The address when it is not the client's own at the time of sending."""
    channel = UnicodeAttribute(default="email")
    language = UnicodeAttribute(null=True)
    sms_if_no_email = BooleanAttribute(default=False)
    params = JSONAttribute(null=True)
    """What the text is filled with; may hold a secret link, so it goes when the message closes."""

    state = UnicodeAttribute(default=MessageState.PENDING.value)
    reason = UnicodeAttribute(null=True)
    """Why it was skipped or given up."""
    attempts = NumberAttribute(default=0)
    """Sendings whose outcome was not a definite refusal."""
    lease_until = NumberAttribute(default=0)
    """Epoch seconds until which one worker has it."""
    sent_to = UnicodeAttribute(null=True)
    """Keyed hash of the address it went to, so that a late bounce stops only that address."""
    created_at = UnicodeAttribute()
    closed_at = UnicodeAttribute(null=True)
    unsent = UnicodeAttribute(null=True)
    ttl = NumberAttribute(null=True)
    unsent_index = UnsentIndex()


def unsent_shard(message_id: str) -> str:
    """The index partition of a message, by the last, random, hex digits of its id."""
    return f"unsent#{int(message_id[-4:], 16) % UNSENT_SHARDS:02d}"


def stamp(at: datetime) -> str:
    """`created_at` of a moment: sorts as time does."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
