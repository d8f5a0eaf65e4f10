"""What tests of payments share: a resident with an account, the request, the provider's page."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from chalicelib.clients.stripe_calls import client
from chalicelib.config import settings
from chalicelib.models.base import connection
from chalicelib.models.payment import Payment
from local.stripe import LocalStripe
from local.stripe.webhooks import signature
from tests.builders import MadeAccount, Person

VISA = "4242424242424242"
DECLINED = "4000000000000002"


def once(key: str | None = None) -> dict[str, str]:
    """An Idempotency-Key that nobody used."""
    return {"Idempotency-Key": key or str(uuid.uuid4())}


class Died(BaseException):
    """The process ended here."""


@contextmanager
def dying(moment: str, call: int) -> Iterator[None]:
    """Let the process end before (`before-call`) or after (`after-call`) its n-th DynamoDB call."""
    calls = 0

    def die(**_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Died

    hooks = connection().client.meta.events
    hooks.register(f"{moment}.dynamodb", die)
    try:
        yield
    finally:
        hooks.unregister(f"{moment}.dynamodb", die)


@contextmanager
def between_calls(
    call: int, happens: Callable[[], None], *, moment: str = "before-call"
) -> Iterator[None]:
    """Let something happen elsewhere, whole, right before (or after) this one's n-th DynamoDB call."""
    calls = 0

    def meanwhile(**_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(happens).result()

    hooks = connection().client.meta.events
    hooks.register(f"{moment}.dynamodb", meanwhile)
    try:
        yield
    finally:
        hooks.unregister(f"{moment}.dynamodb", meanwhile)


def pages_of(person: Person) -> list[dict[str, Any]]:
    """The provider's pages to pay on that were made for a person, newest first."""
    pages = client().v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
    found = [each.to_dict() for each in pages]
    return [each for each in found if each["metadata"].get("client_id") == person.client_id]


@dataclass
class Till:
    """Starts payments and goes through their pages."""

    api: httpx.Client
    stripe: LocalStripe
    drain: Callable[[], None]
    back: str
    """An allowed address to return to."""

    def item(self, account: MadeAccount, amount: int | None = None, **more: Any) -> dict[str, Any]:
        return {
            "account_number": account.number,
            "amount": account.to_pay if amount is None else amount,
            "with_insurance": True,
            **more,
        }

    def ask(
        self,
        person: Person,
        *items: dict[str, Any],
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """`POST /v1/payments`; without items for all accounts."""
        body = {"items": list(items)} if items else {"all_accounts": True}
        return self.api.post(
            "/v1/payments",
            json={**body, "return_url": self.back, **more},
            headers={**person.headers, **(headers if headers is not None else once())},
        )

    def started(self, person: Person, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A payment that is started."""
        answer = self.ask(person, *items, **more)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def paid(self, person: Person, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A payment that is started, paid on the page and settled; as it was started."""
        made = self.started(person, *items, **more)
        assert self.stripe.pay(made["checkout_url"], VISA) == "paid"
        self.drain()
        return made

    def see(self, person: Person, payment_id: str) -> dict[str, Any]:
        """`GET /v1/payments/{id}`."""
        answer = self.api.get(f"/v1/payments/{payment_id}", headers=person.headers)
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        return seen

    def to_pay(self, person: Person, account: MadeAccount) -> int:
        """The balance as the person sees it."""
        answer = self.api.get(f"/v1/accounts/{account}", headers=person.headers)
        amount: int = answer.json()["balance"]["to_pay"]["amount"]
        return amount

    def stored(self, person: Person, payment: dict[str, Any]) -> Payment:
        """The payment's item."""
        return Payment.get(person.client_id, payment["id"], consistent_read=True)

    def webhook(self, event: dict[str, Any], *, secret: str | None = None) -> httpx.Response:
        """Deliver an event to the door, signed as the provider signs."""
        body = json.dumps(event)
        key = secret or settings().STRIPE_WEBHOOK_SECRET.split(",")[0]
        return self.api.post(
            "/v1/webhooks/stripe",
            content=body,
            headers={"Stripe-Signature": signature(body, key, int(time.time()))},
        )
