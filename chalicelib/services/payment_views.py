"""A stored payment as the API shows it."""

from chalicelib.models.entry import ImportedPayment
from chalicelib.models.payment import Payment
from chalicelib.rules.payment_status import SETTLED, Kind, Status
from chalicelib.services.settlement import booked_of
from chalicelib.shapes.base import roubles
from chalicelib.shapes.payments import CardOut, PaymentItem, PaymentOut

_SOURCES = {"checkout": "cabinet", "autopay": "autopay"}


def shown(payment: Payment) -> PaymentOut:
    """Our own payment. No calls."""
    status = Status(payment.status)
    undone = {Kind.REFUND: 1, Kind.REFUND_REVERSAL: -1}
    refunded = sum(undone.get(m.kind, 0) * m.amount for m in booked_of(payment))
    card = None
    if payment.card_brand and payment.card_last4:
        card = CardOut(brand=payment.card_brand, last4=payment.card_last4)
    return PaymentOut(
        id=payment.payment_id,
        status=status,
        reason=payment.failure if status not in SETTLED else None,
        source=_SOURCES[payment.kind],
        amount=roubles(int(payment.amount)),
        refunded=roubles(refunded),
        items=[
            PaymentItem(
                account_number=item["account_number"],
                amount=roubles(item["amount"]),
                with_insurance=item["with_insurance"],
                insurance=roubles(item["insurance"]),
            )
            for item in payment.items
        ],
        checkout_url=payment.checkout_url if status is Status.PENDING else None,
        warnings=payment.warnings,
        created_at=payment.created_at,
        paid_at=payment.paid_at,
        card=card,
    )


def shown_imported(row: ImportedPayment) -> PaymentOut:
    """A payment or reversal that the billing told of. No calls."""
    amount = roubles(int(row.amount))
    return PaymentOut(
        id=row.imported_id,
        status=Status.PAID,
        reason=None,
        source="billing",
        amount=amount,
        refunded=roubles(0),
        items=[
            PaymentItem(
                account_number=row.account_number,
                amount=amount,
                with_insurance=False,
                insurance=roubles(0),
            )
        ],
        checkout_url=None,
        warnings=[],
        created_at=row.paid_at,
        paid_at=row.paid_at,
        card=None,
    )
