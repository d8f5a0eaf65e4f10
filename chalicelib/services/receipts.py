"""Receipts of settled payments, by e-mail and only to a confirmed address."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib import clock
from chalicelib.errors import Code, Conflict, NotFound, TooMany
from chalicelib.ids import new_id
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.limits import AtMost, Limit, Ring
from chalicelib.models.payment import Payment
from chalicelib.rules.payment_status import SETTLED, Status
from chalicelib.services.messages import Message, MessageKind, dispatch, intend

AGAIN: Final = Ring("r", AtMost(5, timedelta(days=1)))
"""How often a client may ask for receipts."""


def send_again(client_id: str, payment_id: str) -> None:
    """Send a payment's receipt once more. One batch and one transaction.

    Raises NotFound, Conflict `payment_not_paid` or `email_not_confirmed`, TooMany.
    """
    payment, client = batch_get([(Payment, client_id, payment_id), (Client, client_id, PROFILE)])
    if not isinstance(payment, Payment):
        raise NotFound
    if Status(payment.status) not in SETTLED or payment.paid_at is None:
        raise Conflict(Code.PAYMENT_NOT_PAID)
    if not isinstance(client, Client) or not client.email or not client.email_confirmed:
        raise Conflict(Code.EMAIL_NOT_CONFIRMED)
    now = clock.now()
    limit = Limit(f"receipts#{client_id}")
    card = None
    if payment.card_brand and payment.card_last4:
        card = {"brand": payment.card_brand, "last4": payment.card_last4}
    t = Transaction()
    asked = replace(receipt(payment, new_id("rcp"), payment.paid_at, card), asked_for=True)
    message_id = intend(t, asked, now)
    t.update("limit", limit, AGAIN.push(now), AGAIN.room(now))
    try:
        t.commit()
    except Refusal as refusal:
        wait = AGAIN.wait_seconds(refusal.item("limit"), now)
        raise TooMany(Code.TOO_MANY_RECEIPTS, retry_after_seconds=wait) from refusal
    dispatch([message_id])


def receipt(payment: Payment, key: str, paid_at: datetime, card: dict[str, str] | None) -> Message:
    """The receipt of a settled payment; `key` makes it one message."""
    return Message(
        kind=MessageKind.RECEIPT,
        client_id=payment.client_id,
        key=key,
        params={
            "payment_id": payment.payment_id,
            "paid_at": paid_at,
            "amount": payment.amount,
            "items": [
                {
                    "account_number": item["account_number"],
                    "amount": item["amount"],
                    "insurance": item["insurance"],
                }
                for item in payment.items
            ],
            "card": card,
        },
    )
