"""The table of webhooks to send: one row for each delivery of an event.

A row is written in the transaction that records the event, so an event cannot be without its
webhook. Due times are the machine's, not the injected clock's: waiting is real.
"""

import time
from dataclasses import dataclass

from local.stripe.store import Store


@dataclass(frozen=True)
class Delivery:
    """One webhook to send. `tries` counts the failed ones so far."""

    id: int
    event_id: str
    due_at: float
    tries: int


class Outbox:
    """Rows are pending until they end as delivered, dropped or given_up."""

    def __init__(self, store: Store, *, enabled: bool) -> None:
        self._store = store
        self._enabled = enabled

    def put(self, event_id: str) -> None:
        """Send the event, once more if it was sent before; nothing when there is no endpoint."""
        if self._enabled:
            self._store.db.execute(
                "INSERT INTO outbox (event_id, due_at) VALUES (?, ?)", (event_id, time.time())
            )

    def waiting(self) -> list[Delivery]:
        """Every pending row, the next due first."""
        rows = self._store.db.execute(
            "SELECT id, event_id, due_at, tries FROM outbox"
            " WHERE state = 'pending' ORDER BY due_at, id"
        )
        return [Delivery(*row) for row in rows]

    def next(self) -> Delivery | None:
        """The row that is due first, now or later."""
        row = self._store.db.execute(
            "SELECT id, event_id, due_at, tries FROM outbox"
            " WHERE state = 'pending' ORDER BY due_at, id LIMIT 1"
        ).fetchone()
        return None if row is None else Delivery(*row)

    def pending(self) -> int:
        row = self._store.db.execute("SELECT count(*) FROM outbox WHERE state = 'pending'")
        return int(row.fetchone()[0])

    def is_pending(self, event_id: str) -> bool:
        """Whether the event was to be sent and never arrived."""
        rows, arrived = self._store.db.execute(
            "SELECT count(*), total(state = 'delivered') FROM outbox WHERE event_id = ?",
            (event_id,),
        ).fetchone()
        return bool(rows and not arrived)

    def finish(self, delivery: Delivery, state: str) -> None:
        self._store.db.execute("UPDATE outbox SET state = ? WHERE id = ?", (state, delivery.id))

    def postpone(self, delivery: Delivery, due_at: float) -> None:
        """Count a failed try and set the time of the next."""
        self._store.db.execute(
            "UPDATE outbox SET tries = tries + 1, due_at = ? WHERE id = ?", (due_at, delivery.id)
        )

    def reorder(self, deliveries: list[Delivery]) -> None:
        """Make these due now, one after the other in the given order."""
        now = time.time()
        for place, delivery in enumerate(deliveries):
            self._store.db.execute(
                "UPDATE outbox SET due_at = ? WHERE id = ?", (now + place * 1e-4, delivery.id)
            )
