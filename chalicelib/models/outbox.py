"""The outbox: every letter and SMS that was decided on, one item each, until long after it is sent.

Key `message_id` (derived from what the message is about, so the same decision is the same item).
Writes: put once with the decision (condition: absent), one conditional update to claim a sending,
one to close it. Reads: none by key, the claim returns the item; index `unsent` (keys only) for
the schedule that finds what no queue message leads to any more.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.config import settings
from chalicelib.models.base import Item, Refusal, TableMeta
from chalicelib.models.conditional import update_alone

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
    asked_for = BooleanAttribute(default=False)
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

    def claim(self, now: int, lease_seconds: int, attempts: int) -> "OutboxMessage":
        """Take the message for one sending; it, as it then stands. One write.

        Raises Refusal with the standing item (None: no such message) when it is final, when another
        worker has it, or when all `attempts` are used up.
        """
        raw = update_alone(
            "message",
            self,
            [
                OutboxMessage.state.set(MessageState.SENDING.value),
                OutboxMessage.attempts.set(OutboxMessage.attempts + 1),
                OutboxMessage.lease_until.set(now + lease_seconds),
            ],
            OutboxMessage.unsent.exists()
            & (OutboxMessage.lease_until <= now)
            & (OutboxMessage.attempts < attempts),
        )
        return OutboxMessage.from_raw_data(raw)

    def put_back(self, until: int) -> None:
        """Surely not sent: give the attempt back, nobody takes the message before `until`. One write."""
        self._while_mine(
            [
                OutboxMessage.state.set(MessageState.PENDING.value),
                OutboxMessage.attempts.set(self.attempts - 1),
                OutboxMessage.lease_until.set(until),
            ]
        )

    def wait(self, until: int) -> None:
        """Of unknown fate: nobody takes the message before `until`; the attempt stays used. One write."""
        self._while_mine([OutboxMessage.lease_until.set(until)])

    def close(
        self,
        state: MessageState,
        at: datetime,
        reason: str | None = None,
        sent_to: str | None = None,
    ) -> None:
        """Make the message final, without what it was filled with. One write.

        What is given up keeps its filling: a person may want to know what was not said.
        """
        gone = [OutboxMessage.unsent.remove(), OutboxMessage.to.remove()]
        if state is not MessageState.DEAD:
            gone.append(OutboxMessage.params.remove())
        said = [(OutboxMessage.reason, reason), (OutboxMessage.sent_to, sent_to)]
        self._while_mine(
            [
                OutboxMessage.state.set(state.value),
                OutboxMessage.closed_at.set(stamp(at)),
                OutboxMessage.ttl.set(int((at + KEPT).timestamp())),
                *(attribute.set(value) for attribute, value in said if value is not None),
                *gone,
            ]
        )

    def _while_mine(self, actions: list[Action]) -> None:
        """Change it as long as this worker's claim is the last one; else the later claim decides."""
        with suppress(Refusal):
            update_alone(
                "message",
                self,
                actions,
                OutboxMessage.unsent.exists() & (OutboxMessage.lease_until == self.lease_until),
            )


def unsent_before(shard: int, before: datetime, limit: int) -> list[str]:
    """Ids of messages of one shard that have been open since before `before`, oldest first. One query."""
    found = OutboxMessage.unsent_index.query(
        f"unsent#{shard:02d}",
        UnsentIndex.created_at < stamp(before),
        limit=limit,
        page_size=limit,
    )
    return [each.message_id for each in found]


def unsent_shard(message_id: str) -> str:
    """The index partition of a message, by the last, random, hex digits of its id."""
    return f"unsent#{int(message_id[-4:], 16) % UNSENT_SHARDS:02d}"


def stamp(at: datetime) -> str:
    """`created_at` of a moment: sorts as time does."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(stamped: str) -> datetime:
    """The moment of a `created_at`."""
    return datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
