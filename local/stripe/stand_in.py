"""`LocalStripe`: the stand-in as its users hold it."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from starlette.applications import Starlette

from local.stripe import hosted
from local.stripe.api import Api
from local.stripe.app import build_app
from local.stripe.call import Call, public
from local.stripe.errors import CardRefused, Json, Refused
from local.stripe.faults import Faults, Mode
from local.stripe.hosted import CardEntry
from local.stripe.outbox import Outbox
from local.stripe.page import Pages
from local.stripe.provider import Provider
from local.stripe.resources import checkout_sessions, disputes, payment_methods, refunds
from local.stripe.store import Store
from local.stripe.webhooks import Courier, Drop

Outcome = Literal["paid", "declined", "requires_action", "abandoned"]


class LocalStripe:
    """Stripe on this machine: the API, the hosted pages, webhooks, and the provider's own acts.

    `path` is the SQLite file, None for memory only. `now` is the clock for everything but the
    signatures of webhooks. `public_base` is the address under which `asgi` is reachable by a
    browser, such as http://localhost:8000/_stripe. Without `webhook_url` no webhooks are sent.
    """

    def __init__(
        self,
        path: Path | None,
        now: Callable[[], datetime],
        secret_key: str,
        public_base: str,
        webhook_url: str | None,
        webhook_secret: str,
    ) -> None:
        self._store = Store(path)
        outbox = Outbox(self._store, enabled=webhook_url is not None)
        self._courier = Courier(self._store, outbox, webhook_url, webhook_secret)
        self._faults = Faults()
        self._provider = Provider(self._store, outbox, now, public_base, self._courier.wake)
        api = Api(self._provider, secret_key, self._faults)
        self.asgi: Starlette = build_app(api, Pages(self._provider))

    def start(self) -> None:
        """Start the delivery of webhooks, those left by an earlier process included."""
        self._courier.start()

    def stop(self) -> None:
        """Stop the delivery; the API goes on, and webhooks pile up."""
        self._courier.stop()

    def close(self) -> None:
        """Stop, and let go of the file. Nothing works afterwards."""
        self.stop()
        self._store.close()

    def pending(self) -> int:
        """How many webhooks are neither delivered, nor dropped, nor given up."""
        return self._courier.pending()

    def pause_webhooks(self) -> None:
        self._courier.pause()

    def resume_webhooks(self, order: Callable[[Json], Any] | None = None) -> None:
        """Send on; with `order` what piled up goes out sorted by this key of the event."""
        self._courier.resume(order)

    def drop_webhooks(self, which: Drop) -> None:
        """Lose the next n webhooks, or all whose event satisfies a predicate; 0 ends it.

        The choice falls when a webhook is about to be sent, so it covers those that wait. The
        events stay listed in the API.
        """
        self._courier.drop(which)

    def redeliver(self, event_id: str) -> None:
        """Send an event once more. Raises KeyError for an unknown id."""
        self._courier.redeliver(event_id)

    def fail_next(
        self, path_prefix: str, method: str = "POST", mode: Mode = "before", times: int = 1
    ) -> None:
        """Let the next requests to paths like `/v1/refunds` fail; modes are told in `faults.py`.

        The SDK repeats a request by itself, twice by default: a client with retries meets one
        fault and hides it.
        """
        self._faults.arm(path_prefix, method, mode, times)

    def clear_faults(self) -> None:
        self._faults.clear()

    def pay(
        self, checkout_url: str, card: str, *, authenticate: bool = True, abandon: bool = False
    ) -> Outcome:
        """Do on the hosted page what a person would, for payment and set-up sessions.

        `paid` also means a saved card. `declined` leaves the session open for another card.
        `requires_action` is a card that asked for 3-D Secure and, with `authenticate=False`, failed
        it: the intent is back at `requires_payment_method`. `abandon` looks at the page and leaves.
        Raises Refused for a session that is not there or not open.
        """
        session_id = re.sub(r"[?#].*", "", checkout_url).rsplit("/", 1)[-1]
        if abandon:
            self._provider.act(lambda call: hosted.open_session(call, session_id))
            return "abandoned"
        try:
            intent = self._provider.act(lambda call: _submit(call, session_id, card))
        except CardRefused:
            return "declined"
        if intent["status"] != "requires_action":
            return "paid"
        try:
            self._provider.act(
                lambda call: hosted.authenticate(call, intent["id"], passed=authenticate)
            )
        except CardRefused:
            return "declined" if authenticate else "requires_action"
        return "paid"

    def refund(self, payment_intent_id: str, amount: int | None = None) -> Json:
        """Refund in the dashboard; None refunds the rest. Raises Refused for the impossible."""
        asked: Json = {"payment_intent": payment_intent_id}
        if amount is not None:
            asked["amount"] = amount
        return public(self._provider.act(lambda call: refunds.create(call, asked)))

    def dispute(self, payment_intent_id: str, amount: int | None = None) -> Json:
        """The cardholder disputes the payment. Raises Refused for the impossible."""

        def work(call: Call) -> Json:
            charge = _paid_charge(call, payment_intent_id)
            return public(disputes.open_dispute(call, charge, amount))

        return self._provider.act(work)

    def close_dispute(self, payment_intent_id: str, won: bool) -> Json:  # noqa: FBT001
        """The bank decides the dispute. Raises Refused when there is none open."""

        def work(call: Call) -> Json:
            found = call.all("dispute", payment_intent=payment_intent_id)
            if not found:
                raise Refused(f"Payment {payment_intent_id} is not disputed.")
            disputes.close_dispute(call, found[0], won=won)
            return public(found[0])

        return self._provider.act(work)

    def tick(self) -> None:
        """Do what is due by the clock: sessions expire."""
        self._provider.act(checkout_sessions.expire_due)


def _submit(call: Call, session_id: str, card: str) -> Json:
    year, month = payment_methods.lifetime(call)
    return hosted.submit(call, session_id, CardEntry(card, month, year, "123"))


def _paid_charge(call: Call, payment_intent_id: str) -> Json:
    intent = call.named("payment_intent", payment_intent_id)
    if intent["status"] != "succeeded":
        raise Refused(f"Payment {payment_intent_id} is not paid: it is {intent['status']}.")
    return call.named("charge", intent["latest_charge"])
