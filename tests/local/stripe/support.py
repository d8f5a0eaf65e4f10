"""What the tests of the stand-in share: running one, a clock, a receiver, and short asks."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.stripe import LocalStripe

SECRET_KEY = "sk_test_of_these_tests"
WEBHOOK_SECRET = "whsec_of_these_tests"

Json = dict[str, Any]


class Clock:
    """The injected clock: it stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2031, 3, 5, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Receiver:
    """An endpoint for webhooks that verifies each as a merchant would.

    `answers` holds the statuses of the next answers; when it is empty the answer is 200.
    """

    url: str = ""
    events: list[Json] = field(default_factory=list)
    refused: list[Json] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def take(self, body: bytes, signature: str) -> int:
        stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET, tolerance=300)
        event = json.loads(body)
        status = self.answers.pop(0) if self.answers else 200
        (self.events if status == 200 else self.refused).append(event)
        return status

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@dataclass
class Server:
    """A stand-in that runs, mounted under a prefix as in the product."""

    stand_in: LocalStripe
    base: str
    client: stripe.StripeClient


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


class Door:
    """One uvicorn for all tests, which leads to the app of the test at hand."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        config = uvicorn.Config(
            self._pass, interface="asgi3", port=0, log_level="critical", lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        wait_until(lambda: self._server.started)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None, "no test is running"
        await self.app(scope, receive, send)


@contextmanager
def serve(
    door: Door,
    clock: Clock,
    *,
    path: Path | None = None,
    webhook_url: str | None = None,
    routes: Sequence[Route] = (),
) -> Iterator[Server]:
    """Run a stand-in behind the door, mounted under a prefix beside other routes."""
    base = f"{door.address}/_stripe"
    stand_in = LocalStripe(path, clock.now, SECRET_KEY, base, webhook_url, WEBHOOK_SECRET)
    door.app = Starlette(routes=[Mount("/_stripe", stand_in.asgi), *routes])
    stand_in.start()
    try:
        yield Server(stand_in, base, sdk(base))
    finally:
        door.app = None
        stand_in.close()


def sdk(base: str, *, retries: int = 0) -> stripe.StripeClient:
    """The official client, pointed at a stand-in."""
    return stripe.StripeClient(
        SECRET_KEY, base_addresses={"api": base}, max_network_retries=retries
    )


def payment_session(
    client: stripe.StripeClient, amount: int = 150_00, **fields: Any
) -> stripe.checkout.Session:
    """A session that pays one line in roubles."""
    params: Json = {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": "rub",
                    "unit_amount": amount,
                    "product_data": {"name": "Лицевой счёт 77-1"},
                },
                "quantity": 1,
            }
        ],
        "success_url": "https://shop.example/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/back",
        "locale": "ru",
        **fields,
    }
    return client.v1.checkout.sessions.create(
        cast("stripe.params.checkout.SessionCreateParams", params)
    )


def setup_session(
    client: stripe.StripeClient, customer: str, **fields: Any
) -> stripe.checkout.Session:
    """A session that saves a card of a customer."""
    params: Json = {
        "mode": "setup",
        "currency": "rub",
        "customer": customer,
        "success_url": "https://shop.example/saved",
        "cancel_url": "https://shop.example/back",
        **fields,
    }
    return client.v1.checkout.sessions.create(
        cast("stripe.params.checkout.SessionCreateParams", params)
    )


def address(session: stripe.checkout.Session) -> str:
    assert session.url is not None
    return session.url


def saved_card(server: Server, card: str) -> tuple[str, str]:
    """A new customer who saved a card on the page; the ids of the customer and of the card."""
    customer = server.client.v1.customers.create({"email": "resident@example.com"}).id
    session = setup_session(server.client, customer)
    assert server.stand_in.pay(address(session), card) == "paid"
    (method,) = server.client.v1.customers.payment_methods.list(customer).data
    return customer, method.id


def charge_off_session(
    client: stripe.StripeClient,
    customer: str,
    method: str,
    *,
    amount: int = 500_00,
    key: str | None = None,
    **fields: Any,
) -> stripe.PaymentIntent:
    """Charge a saved card with nobody present, as an autopayment does."""
    params: Json = {
        "amount": amount,
        "currency": "rub",
        "customer": customer,
        "payment_method": method,
        "off_session": True,
        "confirm": True,
        "expand": ["latest_charge"],
        **fields,
    }
    options: stripe.RequestOptions = {} if key is None else {"idempotency_key": key}
    return client.v1.payment_intents.create(
        cast("stripe.params.PaymentIntentCreateParams", params), options
    )


def error_of(error: stripe.StripeError) -> Json:
    """The `error` object of the answer."""
    body = cast("Json", error.json_body)
    return cast("Json", body["error"])
