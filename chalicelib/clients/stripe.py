"""Payments at the provider: pages to pay on, payment intents with all that happened to their money.

Answers leave as the small frozen shapes below. How a call is made and what it raises is in
`stripe_calls.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.clients.stripe_calls import (
    PAGE,
    between,
    client,
    every,
    id_of,
    moment,
    one,
    under,
)

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

CURRENCY = "rub"


@dataclass(frozen=True)
class Session:
    """A hosted page: for a payment, or (mode `setup`) for saving a card."""

    id: str
    url: str | None
    mode: str
    status: str
    """`open`, `complete` or `expired`."""
    intent_id: str | None
    """The payment intent or the setup intent; a payment's comes with the first attempt."""
    customer_id: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Refund:
    """Money going back. `failed`: the bank could not deliver it, or it was cancelled."""

    id: str
    amount: int
    created_at: datetime
    failed: bool


@dataclass(frozen=True)
class Dispute:
    """A chargeback; the moments say when the bank moved the money, None when it did not."""

    id: str
    amount: int
    withdrawn_at: datetime | None
    reinstated_at: datetime | None


@dataclass(frozen=True)
class Intent:
    """A payment intent with all that happened to its money."""

    id: str
    status: str
    amount: int
    currency: str
    captured: int
    captured_at: datetime | None
    card_brand: str | None
    card_last4: str | None
    failure: str | None
    """The code of the last refusal, the bank's own word where it gave one."""
    metadata: Mapping[str, str]
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something the provider says happened: only a hint where to look."""

    id: str
    type: str
    created_at: datetime
    object: Mapping[str, Any]


@dataclass(frozen=True)
class PaymentPage:
    """What a page to pay on needs. `product` is all that the provider is told of the purpose."""

    amount: int
    product: str
    language: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: dict[str, str]


def create_payment_session(page: PaymentPage, idempotency_key: str) -> Session:
    """Make a page. One call; repeatable for 24 h under its key.

    Raises ProviderUnavailable, ProviderRefused.
    """
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": CURRENCY,
                    "unit_amount": page.amount,
                    "product_data": {"name": page.product},
                },
                "quantity": 1,
            }
        ],
        "locale": "ru" if page.language == "ru" else "en",
        "success_url": page.success_url,
        "cancel_url": page.cancel_url,
        "expires_at": int(page.expires_at.timestamp()),
        "metadata": page.metadata,
        "payment_intent_data": {"metadata": page.metadata},
    }
    return create_session(params, idempotency_key)


def create_session(params: "SessionCreateParams", idempotency_key: str) -> Session:
    """Make a page of any mode. One call; repeatable for 24 h under its key."""
    sessions = client().v1.checkout.sessions
    return session_of(one(lambda: sessions.create(params, options=under(idempotency_key))))


def session(session_id: str) -> Session:
    """The page as it stands. One call. Raises ProviderUnavailable, ProviderAbsent."""
    return session_of(one(lambda: client().v1.checkout.sessions.retrieve(session_id)))


def intent(intent_id: str, *, with_returns: bool = False) -> Intent:
    """A payment and its money as they stand: one call, two more when money went back.

    `with_returns` asks for refunds and disputes even if the charge does not tell of any, for a
    payment that had some. Raises ProviderUnavailable, ProviderAbsent.
    """
    api = client().v1
    expanded = ["latest_charge", "payment_method"]
    raw = one(lambda: api.payment_intents.retrieve(intent_id, {"expand": expanded}))
    charge = raw.get("latest_charge") or {}
    if not (charge.get("amount_refunded") or charge.get("disputed") or with_returns):
        return intent_of(raw)
    refunds = every(lambda: api.refunds.list({"payment_intent": intent_id, "limit": PAGE}))
    disputes = every(lambda: api.disputes.list({"payment_intent": intent_id, "limit": PAGE}))
    return intent_of(raw, list(refunds), list(disputes))


def events_since(since: datetime, types: list[str]) -> Iterator[Event]:
    """What happened since a moment, newest first; the provider keeps 30 days. One call per 100."""
    made = between(since)
    found = every(lambda: client().v1.events.list({"created": made, "types": types, "limit": PAGE}))
    for raw in found:
        yield Event(raw["id"], raw["type"], moment(raw["created"]), raw["data"]["object"])


def intents_between(since: datetime, until: datetime) -> Iterator[Intent]:
    """Every payment intent made between two moments, without refunds and disputes."""
    expanded = ["data.latest_charge", "data.payment_method"]
    found = every(
        lambda: client().v1.payment_intents.list(
            {"created": between(since, until), "limit": PAGE, "expand": expanded}
        )
    )
    return map(intent_of, found)


def refunds_between(since: datetime, until: datetime) -> Iterator[tuple[str | None, Refund]]:
    """Every refund made between two moments, with the payment intent it belongs to."""
    made = between(since, until)
    for raw in every(lambda: client().v1.refunds.list({"created": made, "limit": PAGE})):
        yield id_of(raw.get("payment_intent")), _refund_of(raw)


def disputes_between(since: datetime, until: datetime) -> Iterator[tuple[str | None, Dispute]]:
    """Every dispute opened between two moments, with the payment intent it belongs to."""
    made = between(since, until)
    for raw in every(lambda: client().v1.disputes.list({"created": made, "limit": PAGE})):
        yield id_of(raw.get("payment_intent")), _dispute_of(raw)


def session_of(raw: Mapping[str, Any]) -> Session:
    """The provider's session as ours."""
    return Session(
        id=raw["id"],
        url=raw.get("url"),
        mode=raw["mode"],
        status=raw.get("status") or "open",
        intent_id=id_of(raw.get("payment_intent")) or id_of(raw.get("setup_intent")),
        customer_id=id_of(raw.get("customer")),
        metadata=dict(raw.get("metadata") or {}),
    )


def intent_of(
    raw: Mapping[str, Any],
    refunds: Sequence[Mapping[str, Any]] = (),
    disputes: Sequence[Mapping[str, Any]] = (),
) -> Intent:
    """The provider's payment intent, with its charge in it, as ours."""
    charge = raw.get("latest_charge") or {}
    paid = raw["status"] == "succeeded"
    card = ((charge.get("payment_method_details") or {}).get("card")) or {}
    error = raw.get("last_payment_error") or {}
    return Intent(
        id=raw["id"],
        status=raw["status"],
        amount=raw["amount"],
        currency=raw["currency"],
        captured=raw["amount_received"] if paid else 0,
        captured_at=moment(charge["created"]) if paid and charge else None,
        card_brand=card.get("brand"),
        card_last4=card.get("last4"),
        failure=error.get("decline_code") or error.get("code"),
        metadata=dict(raw.get("metadata") or {}),
        refunds=tuple(_refund_of(refund) for refund in refunds),
        disputes=tuple(_dispute_of(dispute) for dispute in disputes),
    )


def _refund_of(raw: Mapping[str, Any]) -> Refund:
    return Refund(
        id=raw["id"],
        amount=raw["amount"],
        created_at=moment(raw["created"]),
        failed=raw.get("status") in ("failed", "canceled"),
    )


def _dispute_of(raw: Mapping[str, Any]) -> Dispute:
    # "Zero, one, or two balance transactions that show funds withdrawn and reinstated":
    # https://docs.stripe.com/api/disputes/object (2026-11-23)
    moved = raw.get("balance_transactions") or []
    withdrawn = [moment(m["created"]) for m in moved if m["amount"] < 0]
    reinstated = [moment(m["created"]) for m in moved if m["amount"] > 0]
    return Dispute(
        id=raw["id"],
        amount=raw["amount"],
        withdrawn_at=min(withdrawn, default=None),
        reinstated_at=min(reinstated, default=None),
    )
