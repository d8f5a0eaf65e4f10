"""The daily comparison of our books with the provider's: every difference, each once.

Money that the provider moved and the ledger lacks is booked, as an event would have; what the
ledger has and the provider lacks is told to a person and left as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from chalicelib import clock
from chalicelib.clients import stripe
from chalicelib.clients.stripe import Intent
from chalicelib.clients.stripe_calls import ProviderAbsent
from chalicelib.clock import MOSCOW
from chalicelib.config import settings
from chalicelib.models.accounts_table import EXPORT_SHARDS
from chalicelib.models.entry import Entry
from chalicelib.models.exports import items_of
from chalicelib.models.limits import Limit
from chalicelib.models.payment import Payment
from chalicelib.observability import count, log
from chalicelib.rules.autopay import missed_days
from chalicelib.rules.payment_status import Kind, Movement
from chalicelib.services import payment_events
from chalicelib.services.provider_view import Discrepancy, seen_of
from chalicelib.services.settlement import UnknownPayment

TRIED_BEFORE: Final = timedelta(days=2)
"""An intent may be this much older than its capture: a page lives two hours, 3-D Secure less."""


DAYS_AT_MOST: Final = 30
"""How far back a run reaches when runs failed."""
CURSOR: Final = "cursor#books"


class BooksCursor(Limit):
    """The last day that was compared whole. Key `cursor#books` of the limits table."""

    day = UnicodeAttribute(null=True)


class Difference(StrEnum):
    """How the books differ."""

    NOT_BOOKED = "not_booked"
    NOT_AT_PROVIDER = "not_at_provider"
    AMOUNT = "amount"


@dataclass(frozen=True, order=True)
class Mismatch:
    """One difference; `movement` is the payment's, refund's or dispute's id."""

    payment_id: str
    movement: str
    difference: Difference


def reconcile(day: date) -> list[Mismatch]:
    """Compare a Moscow day, book what is missing, tell of every difference. Safe to repeat."""
    found = compare(day)
    for mismatch in found:
        log.error(
            "books differ",
            extra={
                "payment_id": mismatch.payment_id,
                "movement": mismatch.movement,
                "difference": mismatch.difference.value,
            },
        )
    count("books_differ", len(found))
    for intent_id in _to_book(day, found):
        try:
            payment_events.look_at_intent(intent_id, with_returns=True)
        except (Discrepancy, UnknownPayment):
            log.exception("not booked", extra={"object_id": intent_id})
    return found


def reconcile_due() -> None:
    """Reconcile yesterday and the days before it that no run has done. One read and one write more.

    Safe to run twice or late. What a run could not finish, the next one does.
    """
    yesterday = clock.today() - timedelta(days=1)
    for day in missed_days(_done_until(), yesterday, DAYS_AT_MOST):
        reconcile(day)
        BooksCursor(CURSOR).update([BooksCursor.day.set(day.isoformat())])


def _done_until() -> date | None:
    try:
        cursor = BooksCursor.get(CURSOR, consistent_read=True)
    except DoesNotExist:
        return None
    return date.fromisoformat(cursor.day) if cursor.day else None


def compare(day: date) -> list[Mismatch]:
    """Every difference of a Moscow day, sorted. Nothing is changed.

    One call of the provider per hundred payments, and one per refund or dispute; one read per
    payment; one query per shard of the day's entries.
    """
    intents = _intents_of(day)
    found = [m for intent in intents.values() for m in _missing(intent)]
    found += _surplus(day, {intent.metadata["payment_id"] for intent in intents.values()})
    return sorted(set(found))


def _intents_of(day: date) -> dict[str, Intent]:
    """Intents of ours whose money moved on the day, with all their refunds and disputes."""
    since, until = _bounds(day)
    moved = {
        intent.id: intent
        for intent in stripe.intents_between(since - TRIED_BEFORE, until)
        if intent.captured_at and since <= intent.captured_at <= until and _ours(intent)
    }
    returned = {intent_id for intent_id, _ in stripe.refunds_between(since, until)}
    returned |= {intent_id for intent_id, _ in stripe.disputes_between(since, until)}
    for intent_id in sorted(each for each in returned if each is not None):
        whole = stripe.intent(intent_id, with_returns=True)
        if _ours(whole):
            moved[intent_id] = whole
    return moved


def _bounds(day: date) -> tuple[datetime, datetime]:
    since = datetime.combine(day, time(), MOSCOW)
    return since, since + timedelta(days=1) - timedelta(seconds=1)


def _ours(intent: Intent) -> bool:
    known = intent.metadata
    return known.get("stage") == settings().STAGE and {"payment_id", "client_id"} <= known.keys()


def _missing(intent: Intent) -> Iterator[Mismatch]:
    """What the provider moved and the ledger lacks, or has with another amount."""
    payment_id = intent.metadata["payment_id"]
    try:
        payment = Payment.get(intent.metadata["client_id"], payment_id, consistent_read=True)
        booked = payment.booked
    except DoesNotExist:
        booked = {}
    for movement in _movements(payment_id, intent):
        entry = booked.get(movement.id)
        if entry is None:
            yield Mismatch(payment_id, movement.id, Difference.NOT_BOOKED)
        elif entry["amount"] != movement.amount:
            yield Mismatch(payment_id, movement.id, Difference.AMOUNT)


def _movements(payment_id: str, intent: Intent) -> tuple[Movement, ...]:
    try:
        return seen_of(payment_id, intent).movements
    except Discrepancy:
        return ()  # in another currency: not ours to book; the webhook's dead letter tells of it


def _surplus(day: date, at_provider: set[str]) -> Iterator[Mismatch]:
    """Payments booked on the day that the provider did not capture."""
    for client_id, payment_id in sorted(_booked_on(day)):
        if payment_id not in at_provider and not _captured(client_id, payment_id):
            yield Mismatch(payment_id, payment_id, Difference.NOT_AT_PROVIDER)


def _booked_on(day: date) -> set[tuple[str, str]]:
    return {
        (entry.client_id, entry.payment_id)
        for entry in items_of(Entry, "payments", day, EXPORT_SHARDS)
        if entry.kind == Kind.PAYMENT.value
    }


def _captured(client_id: str, payment_id: str) -> bool:
    """Asked one by one: booked on this day, but captured on another."""
    payment = Payment.get(client_id, payment_id, consistent_read=True)
    if not payment.payment_intent_id:
        return False
    try:
        return stripe.intent(payment.payment_intent_id).captured > 0
    except ProviderAbsent:
        return False


def _to_book(day: date, found: list[Mismatch]) -> list[str]:
    missing = {m.payment_id for m in found if m.difference is Difference.NOT_BOOKED}
    if not missing:
        return []
    intents = _intents_of(day).values()
    return sorted(i.id for i in intents if i.metadata["payment_id"] in missing)
