"""Doors of payments: starting one, the history, the receipt once more."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.services import payment_history, receipts
from chalicelib.services import payments as service
from chalicelib.shapes.payments import (
    CreatePayment,
    PaymentOut,
    PaymentsOut,
    PaymentsQuery,
    ReceiptSent,
)

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


@operation(payments, "GET", "/v1/payments", query=PaymentsQuery, answers={200: PaymentsOut})
def list_payments(request: Request[None, PaymentsQuery]) -> PaymentsOut:
    """Payments made here and those that the billing tells of, newest first."""
    return payment_history.list_payments(request.caller.client_id, request.query)


@operation(payments, "GET", "/v1/payments/{payment_id}", answers={200: PaymentOut})
def see_payment(request: Request[None, None], payment_id: str) -> PaymentOut:
    """One payment of the list."""
    return payment_history.see_payment(request.caller.client_id, payment_id)


@operation(
    payments,
    "POST",
    "/v1/payments/{payment_id}/receipt",
    answers={202: ReceiptSent},
    refusals=(409, 429),
    idempotency="accepted",
)
def send_receipt(request: Request[None, None], payment_id: str) -> ReceiptSent:
    """Send the receipt again, to the confirmed e-mail address."""
    checked = payment_history.checked_id(payment_id)
    receipts.send_again(request.caller.client_id, checked)
    return ReceiptSent(payment_id=checked)
