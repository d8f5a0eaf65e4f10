"""Events of the real provider are brought by asking; tried against the stand-in's list of events."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import stripe

from local import environment
from local.polling import EventPoll
from local.world import World

SECRET = "whsec_polled"


@pytest.fixture
def door() -> Iterator[tuple[str, list[stripe.Event]]]:
    """A webhook door that checks signatures with the official library."""
    taken: list[stripe.Event] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(
                stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], SECRET)
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()


def test_new_events_are_handed_in_once_oldest_first_and_a_restart_goes_on(
    world: World, door: tuple[str, list[stripe.Event]], tmp_path: Path
) -> None:
    url, taken = door
    client = stripe.StripeClient(
        environment.STRIPE["STRIPE_SECRET_KEY"], base_addresses={"api": f"{world.url}/_stripe"}
    )

    def poll() -> EventPoll:
        return EventPoll(client, url, SECRET, tmp_path / "seen")

    client.v1.customers.create({"name": "before"})
    poll().once()
    made = [client.v1.customers.create({"name": name}).id for name in ("one", "two")]

    brought = poll().once()
    again = poll().once()

    assert (brought, again) == (2, 0)
    assert [event.data.object["id"] for event in taken] == made
