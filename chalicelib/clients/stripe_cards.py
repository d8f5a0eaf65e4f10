"""Customers, saved cards, and charges without the person: the provider's side of automatic payments.

Pages, payments and their money are in `stripe.py`; how a call is made and what it raises is in
`stripe_calls.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.clients.stripe import CURRENCY, Session, create_session
from chalicelib.clients.stripe_calls import (
    PAGE,
    ProviderAbsent,
    between,
    client,
    every,
    id_of,
    one,
    under,
)

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams
    from stripe.params.checkout import SessionCreateParams


@dataclass(frozen=True)
class Card:
    """A saved card. `customer_id` None: it was removed."""

    id: str
    brand: str
    last4: str
    customer_id: str | None
    exp_month: int
    exp_year: int


@dataclass(frozen=True)
class CardSetup:
    """The saving of a card; `status` `succeeded` comes with the card."""

    id: str
    status: str
    card: Card | None
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class SetupPage:
    """What a page to save a card on needs."""

    customer_id: str
    language: str
    success_url: str
    cancel_url: str
    metadata: dict[str, str]


@dataclass(frozen=True)
class Charge:
    """A charge of a saved card while its owner is away. `amount` in kopecks."""

    amount: int
    customer_id: str
    card_id: str
    metadata: dict[str, str]


def create_customer(metadata: dict[str, str], idempotency_key: str) -> str:
    """The id of a new customer. One call; repeatable for 24 h under its key."""
    customers, options = client().v1.customers, under(idempotency_key)
    return str(one(lambda: customers.create({"metadata": metadata}, options=options))["id"])


def create_setup_session(page: SetupPage, idempotency_key: str) -> Session:
    """Make a page to save a card on. One call; repeatable for 24 h under its key."""
    params: SessionCreateParams = {
        "mode": "setup",
        "customer": page.customer_id,
        "currency": CURRENCY,
        "locale": "ru" if page.language == "ru" else "en",
        "success_url": page.success_url,
        "cancel_url": page.cancel_url,
        "metadata": page.metadata,
        "setup_intent_data": {"metadata": page.metadata},
    }
    return create_session(params, idempotency_key)


def setup(setup_intent_id: str) -> CardSetup:
    """The saving of a card as it stands. One call. Raises ProviderUnavailable, ProviderAbsent."""
    intents = client().v1.setup_intents
    return _setup_of(one(lambda: intents.retrieve(setup_intent_id, {"expand": ["payment_method"]})))


def card(card_id: str) -> Card:
    """A saved card. One call. Raises ProviderUnavailable, ProviderAbsent."""
    return _card_of(one(lambda: client().v1.payment_methods.retrieve(card_id)))


def cards(customer_id: str) -> list[Card]:
    """The customer's saved cards. One call per 100."""
    methods = client().v1.customers.payment_methods
    found = every(lambda: methods.list(customer_id, {"type": "card", "limit": PAGE}))
    return [_card_of(raw) for raw in found]


def detach(card_id: str) -> None:
    """Take a card from its customer for ever: it cannot be charged any more. One call."""
    one(lambda: client().v1.payment_methods.detach(card_id))


def client_of_customer(customer_id: str) -> str | None:
    """Whose customer it is; None when nobody's of ours. One call."""
    try:
        raw = one(lambda: client().v1.customers.retrieve(customer_id))
    except ProviderAbsent:
        return None
    found = (raw.get("metadata") or {}).get("client_id")
    return str(found) if found else None


def charge(asked: Charge, idempotency_key: str) -> str:
    """Charge a saved card; the payment intent's id. One call; repeatable for 24 h under its key.

    Raises Declined, ProviderUnavailable (which may have charged), ProviderRefused.
    """
    params: PaymentIntentCreateParams = {
        "amount": asked.amount,
        "currency": CURRENCY,
        "customer": asked.customer_id,
        "payment_method": asked.card_id,
        "off_session": True,
        "confirm": True,
        "metadata": asked.metadata,
    }
    intents = client().v1.payment_intents
    return str(one(lambda: intents.create(params, options=under(idempotency_key)))["id"])


def find_charge(customer_id: str, payment_id: str, since: datetime) -> str | None:
    """The payment intent made for `payment_id` since a moment, its id lost. One call per 100."""
    found = every(
        lambda: client().v1.payment_intents.list(
            {"customer": customer_id, "created": between(since), "limit": PAGE}
        )
    )
    for raw in found:
        if (raw.get("metadata") or {}).get("payment_id") == payment_id:
            return str(raw["id"])
    return None


def _setup_of(raw: dict[str, Any]) -> CardSetup:
    method = raw.get("payment_method")
    return CardSetup(
        id=raw["id"],
        status=raw["status"],
        card=_card_of(method) if isinstance(method, dict) else None,
        metadata=dict(raw.get("metadata") or {}),
    )


def _card_of(raw: Mapping[str, Any]) -> Card:
    details = raw.get("card") or {}
    return Card(
        id=raw["id"],
        brand=details.get("brand") or "card",
        last4=details.get("last4") or "",
        customer_id=id_of(raw.get("customer")),
        exp_month=int(details.get("exp_month") or 0),
        exp_year=int(details.get("exp_year") or 0),
    )
