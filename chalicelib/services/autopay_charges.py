"""Asking the provider for the charge that a claim has stored, once, and finding out about it.

The provider's key derives from the payment, which derives from mandate, month and attempt, so a
step that is repeated asks for the same charge. What the provider then says comes as its event, or
is found out by reconciliation: an unknown outcome stays open.
"""

from datetime import timedelta
from typing import Final

from pynamodb.exceptions import DoesNotExist

from chalicelib import clock
from chalicelib.clients import stripe, stripe_cards
from chalicelib.clients.stripe_calls import Declined, ProviderRefused, ProviderUnavailable
from chalicelib.clients.stripe_cards import Charge
from chalicelib.ids import derived_id
from chalicelib.models.payment import Payment
from chalicelib.observability import count, log
from chalicelib.rules.payment_status import FINAL, Ending, Status
from chalicelib.services.provider_view import OFF_SESSION, Seen, metadata_of, seen_of
from chalicelib.services.settlement import settle

RESUMED_AFTER: Final = timedelta(minutes=2)
"""A claim that is younger may be under way in another worker."""
KEY_LIVES: Final = timedelta(hours=23)
"""The provider forgets keys after 24 hours; an older charge is only looked for."""
NOT_SENT: Final = "processing_error"
"""Reason of a charge of which the provider never heard."""


def charge(payment: Payment) -> None:
    """Ask the provider to charge. One call; repeatable for 23 hours after the claim.

    A refusal that no event will tell of is settled here; what is unknown stays open.
    """
    asked = Charge(
        amount=int(payment.amount),
        customer_id=payment.customer_id,
        card_id=payment.card_id,
        metadata={**metadata_of(payment), OFF_SESSION: "yes"},
    )
    try:
        stripe_cards.charge(asked, derived_id("charge", payment.payment_id))
    except Declined as exc:
        count("autopay", outcome="declined")
        if exc.intent_id is None:
            _end(payment, exc.decline_code or exc.code)
    except ProviderRefused as exc:
        log.warning("charge refused", extra={"payment_id": payment.payment_id, "code": exc.code})
        _end(payment, exc.code)
    except ProviderUnavailable as exc:
        count("autopay", outcome="unknown" if exc.outcome_unknown else "unavailable")
        log.warning("charge unknown", extra={"payment_id": payment.payment_id})


def resume(payment: Payment) -> Seen | None:
    """Find out about a claimed charge whose answer is lost; ask for it again if it was never made.

    First the provider's list, then the same charge under the same key while the provider knows
    keys, at last the certainty that it was not made. One or two calls; None: still unknown.
    Raises ProviderUnavailable.
    """
    now = clock.now()
    since = payment.created_at - timedelta(minutes=10)
    found = stripe_cards.find_charge(payment.customer_id, payment.payment_id, since)
    if found is not None:
        return seen_of(payment.payment_id, stripe.intent(found))
    if payment.created_at + KEY_LIVES <= now:
        return Seen(ending=Ending.DECLINED, refused=NOT_SENT)
    charge(payment)
    return None


def resume_old(client_id: str, payment_id: str) -> None:
    """A message that came again: the charge may have died between its claim and its call."""
    try:
        payment = Payment.get(client_id, payment_id, consistent_read=True)
    except DoesNotExist:
        return
    if Status(payment.status) in FINAL or payment.payment_intent_id:
        return
    if payment.created_at + RESUMED_AFTER > clock.now():
        return
    try:
        seen = resume(payment)
    except ProviderUnavailable:
        return
    if seen is not None:
        settle(payment.client_id, payment.payment_id, seen)


def _end(payment: Payment, code: str) -> None:
    seen = Seen(ending=Ending.DECLINED, refused=code)
    settle(payment.client_id, payment.payment_id, seen)
