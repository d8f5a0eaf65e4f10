"""Finding out what nobody told us: payments whose outcome is open, and events that got lost.

No payment of a person begins or goes on here: the provider is only asked, and what it shows is
settled. An automatic charge that died between its claim and its call is made after all.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib import clock
from chalicelib.clients import stripe
from chalicelib.clients.stripe_calls import ProviderUnavailable
from chalicelib.models.base import condition_failed
from chalicelib.models.limits import Limit
from chalicelib.models.payment import OPEN_SHARDS, Payment, check_moment, open_shard
from chalicelib.observability import count, log
from chalicelib.rules.payment_status import FINAL, Ending, Status
from chalicelib.services import autopay_charges, payment_events
from chalicelib.services.payments import PAGE_LIVES
from chalicelib.services.provider_view import Seen, seen_of, seen_of_page
from chalicelib.services.settlement import settle

PER_SHARD: Final = 50
"""Looked at in one run: a run ends well before the next."""
WAITS: Final = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
UNRESOLVED_AFTER: Final = timedelta(days=7)
"""Then a person is told; the looks go on daily."""
GRACE: Final = timedelta(minutes=1)
"""After a page's end before we look whether it ended."""

EVENTS_CURSOR: Final = "cursor#payment-events"
EVENTS_OVERLAP: Final = timedelta(hours=1)
"""Read again at each pull: events appear a little after they happened."""
EVENTS_KEPT: Final = timedelta(days=30)
"""By the provider."""


def check_open() -> None:
    """Look at every payment whose look is due. One query per shard, then as `look_again`."""
    now = clock.now()
    for client_id, payment_id in _due(now):
        try:
            look_again(client_id, payment_id, now)
        except ProviderUnavailable:
            log.warning("provider not reached", extra={"payment_id": payment_id})
            count("payments_not_found_out")
        except Exception:  # noqa: BLE001 - one payment must not keep the others waiting
            # A person's case, as Discrepancy is, or a mistake of ours; put off like the others.
            log.exception("payment not found out", extra={"payment_id": payment_id})
            count("payments_not_found_out")
            _postpone(Payment.get(client_id, payment_id, consistent_read=True), now)


def _due(now: datetime) -> Iterator[tuple[str, str]]:
    for shard in range(OPEN_SHARDS):
        found = Payment.open_index.query(
            f"open#{shard:02d}", Payment.check_at <= check_moment(now), limit=PER_SHARD
        )
        for payment in found:
            yield payment.client_id, payment.payment_id


def look_again(client_id: str, payment_id: str, now: datetime) -> None:
    """Ask the provider about one open payment and settle; else set the next look.

    One read, one to three calls of the provider, then as `settle`, and one write if it stays open.
    """
    try:
        payment = Payment.get(client_id, payment_id, consistent_read=True)
    except DoesNotExist:
        return
    if Status(payment.status) in FINAL or not payment.check_at:
        return
    seen = _truth(payment)
    if seen is not None:
        payment = settle(client_id, payment_id, seen)
    if Status(payment.status) not in FINAL:
        _postpone(payment, now)


def _truth(payment: Payment) -> Seen | None:
    """What the provider shows; None when there is nothing (yet)."""
    if payment.kind == "autopay" and not payment.checkout_session_id:
        return _truth_of_charge(payment)
    if not payment.checkout_session_id:
        # `created`: stored before its page was made, as payments were once. Nobody knows the page.
        return Seen(ending=Ending.EXPIRED)
    session = stripe.session(payment.checkout_session_id)
    if session.intent_id is None:
        return seen_of_page(session)
    return seen_of(payment.payment_id, stripe.intent(session.intent_id), session)


def _truth_of_charge(payment: Payment) -> Seen | None:
    if payment.payment_intent_id:
        return seen_of(payment.payment_id, stripe.intent(payment.payment_intent_id))
    return autopay_charges.resume(payment)


def _postpone(payment: Payment, now: datetime) -> None:
    checks = int(payment.checks)
    next_look = now + WAITS[min(checks + 1, len(WAITS) - 1)]
    ends = payment.created_at + PAGE_LIVES + GRACE
    if now < ends < next_look:
        next_look = ends
    if payment.created_at + UNRESOLVED_AFTER <= now:
        log.error("payment unresolved", extra={"payment_id": payment.payment_id})
        count("payments_unresolved")
    try:
        Payment(payment.client_id, payment.payment_id).update(
            [
                Payment.check_at.set(check_moment(next_look)),
                Payment.open.set(open_shard(payment.payment_id)),
                Payment.checks.set(checks + 1),
            ],
            condition=(Payment.checks == checks)
            & Payment.status.is_in(Status.CREATED.value, Status.PENDING.value),
            add_version_condition=False,
        )
    except UpdateError as exc:
        if not condition_failed(exc):
            raise


def pull_events() -> None:
    """Look at every refund, dispute and saved card since the last pull, told by webhook or not.

    One read, one call of the provider per hundred events, then as `look` per payment; one write.
    Raises after the rest was done when one failed: then the next pull begins at the same place.
    """
    now = clock.now()
    try:
        since = datetime.fromtimestamp(int(Limit.get(EVENTS_CURSOR).used or 0), tz=now.tzinfo)
    except DoesNotExist:
        since = now - EVENTS_KEPT
    subjects = {
        subject: event
        for event in stripe.events_since(since - EVENTS_OVERLAP, list(payment_events.PULLED))
        if (subject := payment_events.subject_of(event.object)) is not None
    }
    failed: Exception | None = None
    for subject, event in sorted(subjects.items(), key=lambda each: each[0]):
        try:
            payment_events.look(subject, payment_events.RETURNS[0], event.created_at)
        except Exception as exc:  # noqa: BLE001 - one payment must not keep the others waiting
            log.exception("event not settled", extra={"object_id": subject})
            failed = exc
    if failed is not None:
        raise failed
    Limit(EVENTS_CURSOR).update([Limit.used.set(int(now.timestamp()))])
