"""The payment provider: https://docs.stripe.com/api, through its official SDK, loaded at first use.

Every call of the SDK goes through `asking`, which turns the vendor's errors into ours and says
whether the call may have had an effect. Answers leave as the small frozen shapes below, never as
vendor objects. Cards, customers and charges without the person are in `stripe_cards.py`; the
signature of webhooks in `stripe_signature.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.clients.secrets import secret
from chalicelib.config import settings
from chalicelib.errors import Code, Unavailable

if TYPE_CHECKING:
    from stripe import StripeClient, StripeError
    from stripe.params.checkout import SessionCreateParams

CURRENCY = "rub"
TIMEOUT_SECONDS = (3, 20)
"""To connect, and between two packets of the answer."""
NETWORK_RETRIES = 2
"""By the SDK itself, under the same idempotency key."""
PAGE = 100


class ProviderUnavailable(Unavailable):
    """The provider did not answer, or not as itself. `outcome_unknown`: it may have done it."""

    def __init__(self, *, outcome_unknown: bool) -> None:
        super().__init__(Code.PROVIDER_UNAVAILABLE, retry_after_seconds=5)
        self.outcome_unknown = outcome_unknown


class ProviderRefused(Exception):
    """The provider understood and will not do it; the same again gets the same."""

    def __init__(self, code: str, param: str | None) -> None:
        super().__init__(f"{code} {param or ''}".strip())
        self.code = code
        self.param = param


class ProviderAbsent(ProviderRefused):
    """The provider does not know the object."""


class Declined(Exception):
    """The card's bank said no. `intent_id` is the attempt that it refused, if one was made."""

    def __init__(self, code: str, decline_code: str | None, intent_id: str | None) -> None:
        super().__init__(code)
        self.code = code
        self.decline_code = decline_code
        self.intent_id = intent_id


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


@lru_cache(maxsize=1)
def client() -> "StripeClient":
    """The process's one client of the SDK."""
    import stripe

    base = settings().STRIPE_API_BASE
    return stripe.StripeClient(
        secret(settings().STRIPE_SECRET_KEY),
        base_addresses={"api": base} if base else {},
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        max_network_retries=NETWORK_RETRIES,
    )


def live_mode() -> bool:
    """Whether our key moves real money: `sk_live_…` or `rk_live_…`."""
    return "_live_" in secret(settings().STRIPE_SECRET_KEY)


@contextmanager
def asking() -> Iterator[None]:
    """Around one call of the SDK: its errors come out as ours."""
    import stripe

    try:
        yield
    except stripe.CardError as exc:
        raise Declined(exc.code or "card_declined", _decline_code(exc), _intent_id(exc)) from exc
    except stripe.RateLimitError as exc:
        raise ProviderUnavailable(outcome_unknown=False) from exc
    except (stripe.AuthenticationError, stripe.PermissionError) as exc:
        raise ProviderUnavailable(outcome_unknown=False) from exc
    except stripe.InvalidRequestError as exc:
        kind = ProviderAbsent if exc.code == "resource_missing" else ProviderRefused
        raise kind(exc.code or "invalid_request", exc.param) from exc
    except stripe.IdempotencyError as exc:
        # The key is in use by a call under way, or was used with other parameters.
        raise ProviderUnavailable(outcome_unknown=True) from exc
    except stripe.StripeError as exc:
        raise ProviderUnavailable(outcome_unknown=True) from exc


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
    with asking():
        made = client().v1.checkout.sessions.create(
            params, options={"idempotency_key": idempotency_key}
        )
    return session_of(made.to_dict())


def session(session_id: str) -> Session:
    """The page as it stands. One call. Raises ProviderUnavailable, ProviderAbsent."""
    with asking():
        return session_of(client().v1.checkout.sessions.retrieve(session_id).to_dict())


def intent(intent_id: str, *, with_returns: bool = False) -> Intent:
    """A payment and its money as they stand: one call, two more when money went back.

    `with_returns` asks for refunds and disputes even if the charge does not tell of any, for a
    payment that had some. Raises ProviderUnavailable, ProviderAbsent.
    """
    with asking():
        found = client().v1.payment_intents.retrieve(
            intent_id, {"expand": ["latest_charge", "payment_method"]}
        )
        raw = found.to_dict()
        charge = raw.get("latest_charge") or {}
        refunds: list[dict[str, Any]] = []
        disputes: list[dict[str, Any]] = []
        if charge.get("amount_refunded") or charge.get("disputed") or with_returns:
            refunds = _all(client().v1.refunds, intent_id)
            disputes = _all(client().v1.disputes, intent_id)
    return intent_of(raw, refunds, disputes)


def events_since(since: datetime, types: list[str]) -> Iterator[Event]:
    """What happened since a moment, newest first; the provider keeps 30 days. One call per 100."""
    with asking():
        pages = client().v1.events.list(
            {"created": {"gte": int(since.timestamp())}, "types": types, "limit": PAGE}
        )
        for found in pages.auto_paging_iter():
            raw = found.to_dict()
            yield Event(raw["id"], raw["type"], _moment(raw["created"]), raw["data"]["object"])


def intents_between(since: datetime, until: datetime) -> Iterator[Intent]:
    """Every payment intent made between two moments, without refunds and disputes."""
    with asking():
        pages = client().v1.payment_intents.list(
            {
                "created": _between(since, until),
                "limit": PAGE,
                "expand": ["data.latest_charge", "data.payment_method"],
            }
        )
        for found in pages.auto_paging_iter():
            yield intent_of(found.to_dict())


def refunds_between(since: datetime, until: datetime) -> Iterator[tuple[str | None, Refund]]:
    """Every refund made between two moments, with the payment intent it belongs to."""
    with asking():
        pages = client().v1.refunds.list({"created": _between(since, until), "limit": PAGE})
        for found in pages.auto_paging_iter():
            raw = found.to_dict()
            yield id_of(raw.get("payment_intent")), _refund_of(raw)


def disputes_between(since: datetime, until: datetime) -> Iterator[tuple[str | None, Dispute]]:
    """Every dispute opened between two moments, with the payment intent it belongs to."""
    with asking():
        pages = client().v1.disputes.list({"created": _between(since, until), "limit": PAGE})
        for found in pages.auto_paging_iter():
            raw = found.to_dict()
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
        captured_at=_moment(charge["created"]) if paid and charge else None,
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
        created_at=_moment(raw["created"]),
        failed=raw.get("status") in ("failed", "canceled"),
    )


def _dispute_of(raw: Mapping[str, Any]) -> Dispute:
    # "Zero, one, or two balance transactions that show funds withdrawn and reinstated":
    # https://docs.stripe.com/api/disputes/object (2026-11-23)
    moved = raw.get("balance_transactions") or []
    withdrawn = [_moment(m["created"]) for m in moved if m["amount"] < 0]
    reinstated = [_moment(m["created"]) for m in moved if m["amount"] > 0]
    return Dispute(
        id=raw["id"],
        amount=raw["amount"],
        withdrawn_at=min(withdrawn, default=None),
        reinstated_at=min(reinstated, default=None),
    )


def _all(service: Any, intent_id: str) -> list[dict[str, Any]]:
    pages = service.list({"payment_intent": intent_id, "limit": PAGE})
    return [found.to_dict() for found in pages.auto_paging_iter()]


def _decline_code(exc: "StripeError") -> str | None:
    code = getattr(exc.error, "decline_code", None)
    return code if isinstance(code, str) else None


def _intent_id(exc: "StripeError") -> str | None:
    return id_of(getattr(exc.error, "payment_intent", None))


def id_of(reference: Any) -> str | None:
    """The id of what may be an id or the object itself."""
    if reference is None or isinstance(reference, str):
        return reference
    return str(reference["id"])


def _between(since: datetime, until: datetime) -> Any:
    return {"gte": int(since.timestamp()), "lte": int(until.timestamp())}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
