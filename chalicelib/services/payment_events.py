"""What the provider tells of, from the raw webhook to the settled payment.

An event is only a hint where to look. The door checks its signature and passes ids on; the worker
fetches the object as it is now and settles. An event that is not ours is ignored, and so is the end
of a page whose payment was never stored; one that is ours and cannot be settled raises, is
repeated, and ends in the dead-letter queue, never dropped.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from chalicelib.clients import queues, stripe, stripe_calls, stripe_cards
from chalicelib.clients.stripe_signature import SignatureInvalid, verify
from chalicelib.config import settings
from chalicelib.errors import Code, Unreadable
from chalicelib.observability import count, log
from chalicelib.services import mandate_cards
from chalicelib.services.provider_view import Seen, seen_of, seen_of_page
from chalicelib.services.settlement import UnknownPayment, settle

RETURNS: Final = (
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
"""Money going back and forth on payments that are final otherwise."""

PULLED: Final = (*RETURNS, "setup_intent.succeeded")
"""What no payment that is open leads to: looked for when its webhook did not come."""

HANDLED: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        *RETURNS,
        "setup_intent.succeeded",
        "setup_intent.setup_failed",
        "setup_intent.canceled",
        "payment_method.detached",
    }
)
"""Other types are accepted and ignored."""


def accept(raw_body: bytes, signature: str | None) -> None:
    """Take one webhook: verify it and queue its ids. No table is touched.

    Raises Unreadable `webhook_signature_invalid`; NotQueued, so that the provider sends it again.
    """
    try:
        verify(raw_body, signature)
        event = json.loads(raw_body)
        live, kind, event_id = bool(event["livemode"]), str(event["type"]), str(event["id"])
        subject = subject_of(event["data"]["object"])
        happened_at = datetime.fromtimestamp(int(event["created"]), UTC).isoformat()
    except (SignatureInvalid, ValueError, TypeError, KeyError, OverflowError) as exc:
        raise Unreadable(Code.WEBHOOK_SIGNATURE_INVALID) from exc
    if live is not stripe_calls.live_mode():
        raise Unreadable(Code.WEBHOOK_SIGNATURE_INVALID)
    if kind not in HANDLED or subject is None:
        return
    told = {"event_id": event_id, "type": kind, "object_id": subject, "at": happened_at}
    if kind == "payment_method.detached":
        # The card itself does not tell any more whose it was.
        before = event["data"].get("previous_attributes") or {}
        told["customer_id"] = stripe_calls.id_of(before.get("customer")) or ""
    queues.send(settings().PAYMENT_EVENTS_QUEUE, told)


def subject_of(found: Mapping[str, Any]) -> str | None:
    """The id of what to look at: the payment intent where there is one, else the object itself."""
    if found["object"] in ("charge", "refund", "dispute"):
        return stripe_calls.id_of(found.get("payment_intent"))
    if found["object"] == "checkout.session" and found.get("mode") == "payment":
        return stripe_calls.id_of(found.get("payment_intent")) or str(found["id"])
    return str(found["id"])


def handle(told: Mapping[str, str]) -> None:
    """One queued event, as `accept` put it. Costs and errors as `look`."""
    if told["type"] == "payment_method.detached":
        customer_id = told.get("customer_id")
        client_id = stripe_cards.client_of_customer(customer_id) if customer_id else None
        if client_id is not None:
            mandate_cards.card_gone(told["object_id"], client_id)
        return
    at = datetime.fromisoformat(told["at"]) if "at" in told else None
    look(told["object_id"], told["type"], at)


def look(object_id: str, event_type: str, at: datetime | None = None) -> None:
    """Fetch the object that an event was about and settle what it means; `at`: when it happened.

    One call of the provider, three when money went back, then as `settle`. Raises
    ProviderUnavailable, UnknownPayment, Discrepancy.
    """
    match object_id.split("_", 1)[0]:
        case "pi":
            # A failed refund leaves the charge as if nothing was, so the type has to tell.
            look_at_intent(object_id, with_returns=event_type in RETURNS)
        case "cs":
            _look_at_session(object_id, at)
        case "seti":
            mandate_cards.card_confirmed(object_id, at)
        case _:
            log.warning("no handler for an event's object", extra={"object_id": object_id})


def look_at_intent(
    intent_id: str, *, with_returns: bool, session: stripe.Session | None = None
) -> None:
    """Settle the payment of a payment intent, if it is ours; `session`: the page it was tried on."""
    intent = stripe.intent(intent_id, with_returns=with_returns)
    ours = _ours(intent.metadata, intent_id)
    if ours is not None:
        _, payment_id = ours
        _settle(ours, seen_of(payment_id, intent, session))


def _look_at_session(session_id: str, at: datetime | None) -> None:
    session = stripe.session(session_id)
    if session.mode == "setup":
        if session.intent_id is not None:
            mandate_cards.card_confirmed(session.intent_id, at)
        return
    if session.intent_id is not None:
        look_at_intent(session.intent_id, with_returns=False, session=session)
        return
    ours = _ours(session.metadata, session_id)
    if ours is not None:
        _settle(ours, seen_of_page(session))


def _settle(ours: tuple[str, str], seen: Seen) -> None:
    client_id, payment_id = ours
    try:
        settle(client_id, payment_id, seen)
    except UnknownPayment:
        if seen.movements:
            raise
        # A page is made before its payment is stored (decision 12): this one was given to nobody.
        log.info("a page without a payment", extra={"payment_id": payment_id})
        count("payment_pages_unused")


def _ours(metadata: Mapping[str, str], object_id: str) -> tuple[str, str] | None:
    """Whose payment it is; None for another stage's or another program's."""
    if metadata.get("stage") != settings().STAGE or "payment_id" not in metadata:
        log.info("not of this stage", extra={"object_id": object_id})
        count("payment_events_foreign")
        return None
    return metadata["client_id"], metadata["payment_id"]
