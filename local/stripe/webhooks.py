"""Delivery of webhooks: https://docs.stripe.com/webhooks

One thread sends what the outbox holds, in order of due time, and tries again while the endpoint does
not answer 2xx. Stripe spreads its tries over three days; here the waits are seconds. As at Stripe, an
event may come more than once, late, and out of order.
"""

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.stripe.call import public
from local.stripe.errors import Json
from local.stripe.outbox import Delivery, Outbox
from local.stripe.store import Store

if TYPE_CHECKING:
    import httpx

WAITS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0)
"""Seconds before each next try; after the twelfth failed try an event is given up."""

TIMEOUT = 10.0
"""Seconds an endpoint may take."""

_IDLE = 0.5
_log = logging.getLogger(__name__)

Drop = int | Callable[[Json], bool]


def signature(payload: str, secret: str, at: int) -> str:
    """The `Stripe-Signature` header of a payload: https://docs.stripe.com/webhooks/signature

    `at` is the machine's time in Unix seconds: receivers compare it with their own.
    """
    signed = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Courier:
    """Sends webhooks; can be paused, and told to lose some."""

    def __init__(self, store: Store, outbox: Outbox, url: str | None, secret: str) -> None:
        self._store = store
        self._outbox = outbox
        self._url = url
        self._secret = secret
        self._drop: Drop = 0
        self._running = threading.Event()
        self._running.set()
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._sending = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start sending; what an earlier process left pending goes first."""
        if self._thread is None and self._url is not None:
            self._stopping.clear()
            self._thread = threading.Thread(
                target=self._work, args=(self._url,), name="stripe-webhooks", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Finish the try at hand and stop."""
        if self._thread is not None:
            self._stopping.set()
            self._awake.set()
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        self._awake.set()

    def pause(self) -> None:
        """Let webhooks pile up; returns when the try at hand, if any, has ended."""
        self._running.clear()
        with self._sending:
            pass

    def resume(self, order: Callable[[Json], Any] | None = None) -> None:
        """Send on; with `order` what piled up goes out sorted by this key of the event."""
        if order is not None:
            with self._store.transaction():
                waiting = self._outbox.waiting()
                waiting.sort(key=lambda delivery: order(self._event(delivery)))
                self._outbox.reorder(waiting)
        self._running.set()
        self.wake()

    def drop(self, which: Drop) -> None:
        """Lose the next n webhooks, or every one whose event satisfies the predicate; 0 ends it."""
        self._drop = which

    def redeliver(self, event_id: str) -> None:
        """Send an event once more. Raises KeyError for an unknown id."""
        with self._store.transaction():
            if self._store.find("event", event_id) is None:
                raise KeyError(event_id)
            self._outbox.put(event_id)
        self.wake()

    def pending(self) -> int:
        with self._store.transaction():
            return self._outbox.pending()

    def _work(self, url: str) -> None:
        import httpx  # here, since it takes long to load and a start would wait for it

        with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
            while not self._stopping.is_set():
                self._awake.clear()
                with self._sending:
                    wait = self._step(client, url)
                if wait > 0:
                    self._awake.wait(wait)

    def _step(self, client: "httpx.Client", url: str) -> float:
        """Send what is due first, if anything is; the seconds to wait before the next step."""
        if not self._running.is_set():
            return _IDLE
        with self._store.transaction():
            delivery = self._outbox.next()
        if delivery is None:
            return _IDLE
        wait = delivery.due_at - time.time()
        if wait > 0:
            return min(wait, _IDLE)
        self._send(client, url, delivery)
        return 0.0

    def _send(self, client: "httpx.Client", url: str, delivery: Delivery) -> None:
        with self._store.transaction():
            event = self._event(delivery)
        if self._lost(event):
            state = "dropped"
        elif self._accepted(client, url, event):
            state = "delivered"
        elif delivery.tries >= len(WAITS):
            _log.warning("webhook %s (%s) given up", event["id"], event["type"])
            state = "given_up"
        else:
            with self._store.transaction():
                self._outbox.postpone(delivery, time.time() + WAITS[delivery.tries])
            return
        with self._store.transaction():
            self._outbox.finish(delivery, state)

    def _event(self, delivery: Delivery) -> Json:
        event = self._store.find("event", delivery.event_id)
        assert event is not None, "an outbox row is written with its event"
        return {**public(event), "pending_webhooks": 1}

    def _lost(self, event: Json) -> bool:
        if callable(self._drop):
            return self._drop(event)
        if self._drop > 0:
            self._drop -= 1
            return True
        return False

    def _accepted(self, client: "httpx.Client", url: str, event: Json) -> bool:
        import httpx

        payload = json.dumps(event, indent=2)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, self._secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            answer = client.post(url, content=payload, headers=headers)
        except httpx.HTTPError as error:
            _log.info("webhook %s: %s", event["id"], error)
            return False
        return answer.is_success
