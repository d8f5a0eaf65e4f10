"""Doors of payments: starting one, the history, the receipt once more."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.services import payments as service
from chalicelib.shapes.payments import CreatePayment, PaymentOut

payments = Blueprint(__name__)


@operation(
    payments,
    "POST",
    "/v1/payments",
    body=CreatePayment,
    answers={201: PaymentOut},
    refusals=(403, 404, 409, 422, 429, 503),
    idempotency="required",
    own_idempotency=True,
)
def create_payment(request: Request[CreatePayment, None]) -> Answer:
    """Start a payment: the answer's `checkout_url` is the provider's page to pay on."""
    assert request.once is not None
    kept = service.start(request.once, request.body, request.language)
    return Answer(kept.body, kept.status)
