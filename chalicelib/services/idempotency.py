"""The same request twice has one effect and one answer, for 30 days per client.

For POSTs that neither move money nor store readings the edge calls `claim`, `keep` and `release`
around the view: two writes. Payments and readings keep the answer in the transaction of their
effect instead, with `record_of`, `answer_of` and the model's own conditions.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import DoesNotExist, PutError
from pynamodb.expressions.condition import Condition

from chalicelib.errors import Code, Conflict
from chalicelib.models.base import condition_failed
from chalicelib.models.idempotency import DONE, IN_PROGRESS, IdempotencyRecord, item_of

KEPT_FOR = timedelta(days=30)
LEASE = timedelta(seconds=60)
"""After this long in progress the first try is taken for dead and a retry may go on."""


@dataclass(frozen=True)
class Ask:
    """One use of a key: whose, which, and the fingerprint of the request under it."""

    client_id: str
    key: str
    fingerprint: str

    @property
    def item(self) -> str:
        """The sort key of this key's record in the client's partition."""
        return item_of(hashlib.sha256(self.key.encode()).hexdigest())


@dataclass(frozen=True)
class Kept:
    """A kept answer."""

    status: int
    body: str


def record_of(ask: Ask, at: datetime, *, state: str = IN_PROGRESS) -> IdempotencyRecord:
    """A fresh record of `ask`, not stored."""
    expires = int((at + KEPT_FOR).timestamp())
    return IdempotencyRecord(
        ask.client_id,
        ask.item,
        fingerprint=ask.fingerprint,
        state=state,
        started_at=int(at.timestamp()),
        expires_at=expires,
        ttl=expires,
    )


def answer_of(record: IdempotencyRecord | None, ask: Ask, at: datetime) -> Kept | None:
    """The answer that `record` keeps for `ask`; None when the request is to be done (again).

    Raises Conflict: `idempotency_key_reused` for another request under the key,
    `idempotency_in_progress` while the first try may still be running.
    """
    if record is None or record.expires_at <= at.timestamp():
        return None
    if record.fingerprint != ask.fingerprint:
        raise Conflict(Code.IDEMPOTENCY_KEY_REUSED)
    if record.state == DONE:
        return Kept(int(record.status or 200), record.body or "")
    if record.started_at + LEASE.total_seconds() > at.timestamp():
        raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS)
    return None


def free(ask: Ask, at: datetime) -> Condition:
    """Holds while the key may be taken: unused, expired, or a first try of the same request died."""
    stale = int((at - LEASE).timestamp())
    condition: Condition = (
        IdempotencyRecord.item.does_not_exist()
        | (IdempotencyRecord.expires_at <= int(at.timestamp()))
        | (
            (IdempotencyRecord.state == IN_PROGRESS)
            & (IdempotencyRecord.fingerprint == ask.fingerprint)
            & (IdempotencyRecord.started_at <= stale)
        )
    )
    return condition


def claim(ask: Ask, at: datetime) -> Kept | None:
    """Take the key for this request; the kept answer when it has one. One write, one read if taken."""
    fresh = record_of(ask, at)
    try:
        fresh.save(condition=free(ask, at))
    except PutError as exc:
        if not condition_failed(exc):
            raise
    else:
        return None
    try:
        standing = IdempotencyRecord.get(ask.client_id, ask.item, consistent_read=True)
    except DoesNotExist as exc:
        raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS) from exc
    kept = answer_of(standing, ask, at)
    if kept is None:
        raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS)
    return kept


def keep(ask: Ask, status: int, body: str) -> None:
    """Keep the successful answer under the key. One write."""
    IdempotencyRecord(ask.client_id, ask.item).update(
        [
            IdempotencyRecord.state.set(DONE),
            IdempotencyRecord.status.set(status),
            IdempotencyRecord.body.set(body),
        ],
        condition=IdempotencyRecord.fingerprint == ask.fingerprint,
    )


def release(ask: Ask) -> None:
    """Give the key back after a refusal: only successful answers are kept. One write."""
    IdempotencyRecord(ask.client_id, ask.item).delete()
