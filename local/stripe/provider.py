"""The provider's side as one thing: its memory, its clock and its outbox.

Whoever does something there (an API request, a person on the page, a test in the provider's name)
does it in one transaction through `act` or `transaction`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from local.stripe.call import Call
from local.stripe.errors import CardRefused
from local.stripe.outbox import Outbox
from local.stripe.store import Store

Result = TypeVar("Result")


class Provider:
    """Makes calls. `wake` is told after every commit that may have left webhooks to send."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        now: Callable[[], datetime],
        public_base: str,
        wake: Callable[[], None],
    ) -> None:
        self.store = store
        self.outbox = outbox
        self.public_base = public_base.rstrip("/")
        self._now = now
        self._wake = wake

    def now(self) -> int:
        """The injected clock in Unix seconds."""
        return int(self._now().timestamp())

    @contextmanager
    def transaction(
        self, request_id: str | None = None, idempotency_key: str | None = None
    ) -> Iterator[Call]:
        """A call whose changes are all kept, or on any exception none."""
        with self.store.transaction():
            yield Call(
                self.store,
                self.outbox,
                self.now(),
                self.public_base,
                request_id,
                idempotency_key,
            )
        self._wake()

    def act(self, work: Callable[[Call], Result]) -> Result:
        """Do this. Raises what it raises; of a CardRefused the effects stand, of others none."""
        refused: CardRefused | None = None
        with self.transaction() as call:
            try:
                return work(call)
            except CardRefused as error:
                refused = error
        raise refused
