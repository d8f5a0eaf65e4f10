"""The door of the payment provider's webhooks."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Request, operation
from chalicelib.services import payment_events
from chalicelib.shapes.payments import Received

stripe_webhook = Blueprint(__name__)


@operation(
    stripe_webhook,
    "POST",
    "/v1/webhooks/stripe",
    answers={200: Received},
    signed_in=False,
    raw_header="Stripe-Signature",
    body_limit_bytes=1_000_000,
)
def receive_stripe_event(request: Request[None, None]) -> Received:
    """Notifications of the payment provider, signed over the raw body. They are queued as ids."""
    payment_events.accept(request.raw_body, request.headers.get("stripe-signature"))
    return Received()
