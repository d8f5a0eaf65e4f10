"""A stand-in on a free port, the official SDK that talks to it, a clock and a webhook receiver."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import stripe

from local.stripe import LocalStripe
from tests.local.stripe.support import Clock, Door, Receiver, Server, serve


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture
def server(door: Door, clock: Clock) -> Iterator[Server]:
    """A stand-in in memory that sends no webhooks."""
    with serve(door, clock) as running:
        yield running


@pytest.fixture
def client(server: Server) -> stripe.StripeClient:
    return server.client


@pytest.fixture
def stand_in(server: Server) -> LocalStripe:
    return server.stand_in


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(received.take(body, self.headers["Stripe-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{http.server_address[1]}/hook"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield received
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def sending(door: Door, clock: Clock, receiver: Receiver) -> Iterator[Server]:
    """A stand-in in memory that sends webhooks to the receiver."""
    with serve(door, clock, webhook_url=receiver.url) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as http:
        yield http
