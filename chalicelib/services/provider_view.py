"""What the payment provider shows of a payment, in the words of our rules."""

from dataclasses import dataclass
from typing import Final

from chalicelib.clients.stripe import CURRENCY, Dispute, Intent, Refund, Session
from chalicelib.config import settings
from chalicelib.models.payment import Payment
from chalicelib.rules.payment_status import Ending, Kind, Movement

REFUND_UNDONE: Final = "_undone"
DISPUTE_BACK: Final = "_back"
"""An undoing is named after what it undoes."""
_REFUSED: Final = ("requires_payment_method", "requires_action")
_UNFINISHED: Final = (*_REFUSED, "requires_confirmation")

OFF_SESSION: Final = "off_session"
"""Key of the metadata of a charge without the person: nobody can try again on it."""


class Discrepancy(Exception):
    """The provider's truth does not fit the payment: retried, then a person's. Nothing was written."""


@dataclass(frozen=True)
class Seen:
    """What the provider shows of one payment now."""

    movements: tuple[Movement, ...] = ()
    ending: Ending | None = None
    intent: Intent | None = None
    refused: str | None = None
    """The code of a refusal that made no intent."""

    @property
    def failure(self) -> str | None:
        """The code of the newest refusal, if there was one."""
        return self.intent.failure if self.intent else self.refused


def metadata_of(payment: Payment) -> dict[str, str]:
    """What the provider keeps with the money: ids, by which events find the payment."""
    return {
        "payment_id": payment.payment_id,
        "client_id": payment.client_id,
        "stage": settings().STAGE,
    }


def seen_of(payment_id: str, intent: Intent, session: Session | None = None) -> Seen:
    """The provider's intent in our words."""
    movements = [
        *(_captured(payment_id, intent)),
        *(m for refund in intent.refunds for m in _refund_movements(refund)),
        *(m for dispute in intent.disputes for m in _dispute_movements(dispute)),
    ]
    return Seen(tuple(movements), _ending(intent, session), intent)


def seen_of_page(session: Session) -> Seen:
    """A page on which nobody has tried to pay."""
    return Seen(ending=Ending.EXPIRED if session.status == "expired" else None)


def _ending(intent: Intent, session: Session | None) -> Ending | None:
    if intent.status == "canceled":
        return Ending.EXPIRED
    if session is not None and session.status == "expired" and intent.status in _UNFINISHED:
        # Nobody can go on with it, whether or not the provider cancels it too.
        return Ending.EXPIRED
    refused = intent.failure is not None and intent.status in _REFUSED
    return Ending.DECLINED if refused and intent.metadata.get(OFF_SESSION) else None


def _captured(payment_id: str, intent: Intent) -> list[Movement]:
    if not intent.captured:
        return []
    if intent.currency != CURRENCY or intent.captured_at is None:
        raise Discrepancy(f"{payment_id}: {intent.currency}")
    return [Movement(payment_id, Kind.PAYMENT, intent.captured, intent.captured_at)]


def _refund_movements(refund: Refund) -> list[Movement]:
    made = Movement(refund.id, Kind.REFUND, refund.amount, refund.created_at)
    if not refund.failed:
        return [made]
    # Both sides are booked even when only the failure was seen, so that every order ends alike.
    back = Movement(
        refund.id + REFUND_UNDONE, Kind.REFUND_REVERSAL, refund.amount, refund.created_at
    )
    return [made, back]


def _dispute_movements(dispute: Dispute) -> list[Movement]:
    found = []
    if dispute.withdrawn_at:
        found.append(Movement(dispute.id, Kind.DISPUTE, dispute.amount, dispute.withdrawn_at))
    if dispute.withdrawn_at and dispute.reinstated_at:
        name = dispute.id + DISPUTE_BACK
        found.append(Movement(name, Kind.DISPUTE_REVERSAL, dispute.amount, dispute.reinstated_at))
    return found
