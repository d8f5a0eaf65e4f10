"""Answers kept per client and Idempotency-Key, in the client's partition.

Key `client_id`, `item` = `idempotency#<hash of key>`. One put to claim, one update to keep; read
with the operation's own batch where it has one. Lives 30 days (`expires_at` decides, `ttl` cleans).
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta

IN_PROGRESS = "in_progress"
DONE = "done"


class IdempotencyRecord(Item):
    """One key of one client: who holds it, the fingerprint of its request, and the kept answer."""

    class Meta(TableMeta):
        table_name = settings().CLIENTS_TABLE

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    fingerprint = UnicodeAttribute()
    state = UnicodeAttribute()
    started_at = NumberAttribute()
    """Epoch seconds of the claim."""
    expires_at = NumberAttribute()
    """Epoch seconds after which the record counts as absent, deleted or not."""
    status = NumberAttribute(null=True)
    body = UnicodeAttribute(null=True)
    ttl = NumberAttribute(null=True)


def item_of(key_hash: str) -> str:
    """The sort key of a record."""
    return f"idempotency#{key_hash}"
