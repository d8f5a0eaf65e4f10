"""Receipts of settled payments, by e-mail and only to a confirmed address."""

from datetime import datetime
from typing import Literal, cast

from chalicelib.models.payment import Payment
from chalicelib.services.messages import Message, MessageKind


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
        language=cast("Literal['ru', 'en']", payment.language),
    )
