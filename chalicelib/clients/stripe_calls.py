"""How the payment provider is called: through its official SDK, loaded at first use.

https://docs.stripe.com/api. Every call goes through `one` or `every`: the vendor's errors come out
as ours, which say whether the call may have had an effect, and answers as plain dicts, never as
vendor objects. Payments and their pages are in `stripe.py`, cards and charges without the person in
`stripe_cards.py`, the signature of webhooks in `stripe_signature.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.clients.secrets import secret
from chalicelib.config import settings
from chalicelib.errors import Code, Unavailable

if TYPE_CHECKING:
    from stripe import ListObject, RequestOptions, StripeClient, StripeError, StripeObject

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
def _asking() -> Iterator[None]:
    """Around a call of the SDK: its errors come out as ours."""
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


def one(ask: "Callable[[], StripeObject]") -> dict[str, Any]:
    """The object that a call answers with. Raises ours."""
    with _asking():
        return ask().to_dict()


def every(ask: "Callable[[], ListObject[Any]]") -> Iterator[dict[str, Any]]:
    """The objects of a list, all of its pages. One call per page. Raises ours."""
    with _asking():
        for found in ask().auto_paging_iter():
            yield found.to_dict()


def under(idempotency_key: str) -> "RequestOptions":
    """A call that is repeatable for 24 hours under this key."""
    return {"idempotency_key": idempotency_key}


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


def between(since: datetime, until: datetime | None = None) -> Any:
    """`created` of a list: the moments in between, both inclusive; without an end until now."""
    bounds = {"gte": int(since.timestamp())}
    return bounds if until is None else {**bounds, "lte": int(until.timestamp())}


def moment(seconds: int) -> datetime:
    """A moment as the provider writes it."""
    return datetime.fromtimestamp(seconds, UTC)
