"""Sending what the outbox holds: each message once, at most twice when an outcome stays unknown.

A queue message is only a hint; the item decides. Claimed before the call, closed after it:

- surely not sent (refused, not connected): the attempt is given back and tried later,
- of unknown fate (timeout, 5xx): the attempt counts; the second and last one is made only when the
  service answers again,
- refused for ever, unknown twice, or too old: given up, kept, and counted in an alarmed metric.

Costs three DynamoDB calls (claim, client, close), a notice one more (consent), and one of the
outside service.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pynamodb.exceptions import DoesNotExist

from chalicelib import clock
from chalicelib.clients import ses, twilio
from chalicelib.config import settings
from chalicelib.models.base import Refusal
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.outbox import (
    UNSENT_SHARDS,
    MessageState,
    OutboxMessage,
    moment_of,
    unsent_before,
)
from chalicelib.observability import count
from chalicelib.rules.letters import letter
from chalicelib.rules.receivers import NOTICES, Reader, Reason, Route, Wanted, route
from chalicelib.rules.sms_texts import sms
from chalicelib.rules.wording import Words
from chalicelib.services import consents, letters
from chalicelib.services.messages import dispatch
from chalicelib.services.tokens import keyed_hash
from chalicelib.shapes.letters import MessageKind
from chalicelib.shapes.signin import ConsentKind
from chalicelib.texts import Language

ATTEMPTS = 2
"""Sendings of one message that may each have been a sending."""
LEASE_SECONDS = 120
"""Longer than the worker's function may run."""
PAUSE_SECONDS = 120
"""Before a message that did not go is taken again."""
GIVEN_UP_AFTER = timedelta(days=3)
LATE_AFTER = timedelta(minutes=5)
"""Older than this and still open: the queue has lost it, or its sending was put off."""
PER_SHARD = 500
"""Messages that one run of the sweeper queues again, per shard."""


class Outcome(StrEnum):
    """What became of one delivery."""

    SENT = "sent"
    SKIPPED = "skipped"
    POSTPONED = "postponed"
    UNKNOWN = "unknown"
    DEAD = "dead"
    NOTHING_TO_DO = "nothing_to_do"


class _NotSent(Exception):
    """Surely not sent."""

    def __init__(self, *, permanent: bool) -> None:
        super().__init__()
        self.permanent = permanent


class _Unknown(Exception):
    """It may have been sent."""


def deliver(message_id: str) -> Outcome:
    """Send one message if it is still to be sent. Safe to repeat, at once or much later."""
    now = clock.now()
    try:
        message = OutboxMessage(message_id).claim(int(now.timestamp()), LEASE_SECONDS, ATTEMPTS)
    except Refusal as refusal:
        return _used_up(refusal, now)
    outcome = _deliver(message, now)
    count("messages", kind=message.kind, outcome=outcome.value)
    return outcome


def resend_unsent() -> int:
    """Queue again what is late; how many that is. One query per shard; safe to run twice."""
    late = clock.now() - LATE_AFTER
    queued = 0
    for shard in range(UNSENT_SHARDS):
        found = unsent_before(shard, late, PER_SHARD)
        dispatch(found)
        queued += len(found)
    count("messages_late", queued)
    return queued


def _used_up(refusal: Refusal, now: datetime) -> Outcome:
    """Nothing to claim: final, absent, another worker's, or a message whose last attempt broke off."""
    raw = refusal.item("message")
    if raw is None:
        return Outcome.NOTHING_TO_DO
    message = OutboxMessage.from_raw_data(raw)
    if message.unsent is None or message.lease_until > now.timestamp():
        return Outcome.NOTHING_TO_DO
    return _give_up(message, now, Reason.AMBIGUOUS)


def _deliver(message: OutboxMessage, now: datetime) -> Outcome:
    if now - moment_of(message.created_at) > GIVEN_UP_AFTER:
        return _give_up(message, now, Reason.TOO_OLD)
    client = _client_of(message)
    wanted = _wanted(message)
    way = route(wanted, _reader(client, wanted))
    if isinstance(way, Reason):
        message.close(MessageState.SKIPPED, now, reason=way.value)
        return Outcome.SKIPPED
    return _send(message, way, _words(message, client), now)


def _send(message: OutboxMessage, way: Route, words: Words, now: datetime) -> Outcome:
    try:
        (_by_email if way.channel == "email" else _by_sms)(message, way, words)
    except _NotSent as exc:
        if exc.permanent:
            return _give_up(message, now, Reason.UNDELIVERABLE)
        message.put_back(int(now.timestamp()) + PAUSE_SECONDS)
        return Outcome.POSTPONED
    except _Unknown:
        if message.attempts >= ATTEMPTS:
            return _give_up(message, now, Reason.AMBIGUOUS)
        message.wait(int(now.timestamp()) + PAUSE_SECONDS)
        return Outcome.UNKNOWN
    message.close(MessageState.SENT, clock.now(), sent_to=address_hash(way.to))
    return Outcome.SENT


def _give_up(message: OutboxMessage, now: datetime, reason: Reason) -> Outcome:
    message.close(MessageState.DEAD, now, reason=reason.value)
    count("messages_given_up")
    return Outcome.DEAD


def address_hash(address: str) -> str:
    """What the outbox remembers of where a message went."""
    return keyed_hash("sent_to", address)


def _by_email(message: OutboxMessage, way: Route, words: Words) -> None:
    if message.attempts > 1 and not ses.answers():
        raise _NotSent(permanent=False)
    kind = MessageKind(message.kind)
    envelope = letters.Envelope(
        message.message_id, settings().MAIL_SENDER, way.to, is_notice=kind in NOTICES
    )
    mime = letters.mime(letter(kind, message.params, words), words, envelope)
    try:
        ses.send_letter(mime, way.to, message.message_id)
    except ses.MailRefused as exc:
        raise _NotSent(permanent=exc.permanent) from exc
    except ses.MailUnknown as exc:
        raise _Unknown from exc


def _by_sms(message: OutboxMessage, way: Route, words: Words) -> None:
    text = sms(MessageKind(message.kind), message.params, words)
    assert text is not None  # the route has asked
    try:
        twilio.send_sms(way.to, text)
    except twilio.SmsRefused as exc:
        raise _NotSent(permanent=exc.permanent) from exc
    except twilio.SmsUnknown as exc:
        raise _Unknown from exc


def _client_of(message: OutboxMessage) -> Client | None:
    if not message.client_id:
        return None
    try:
        return Client.get(message.client_id, PROFILE, consistent_read=True)
    except DoesNotExist:
        return None


def _wanted(message: OutboxMessage) -> Wanted:
    return Wanted(
        kind=MessageKind(message.kind),
        channel="sms" if message.channel == "sms" else "email",
        to=message.to,
        sms_if_no_email=bool(message.sms_if_no_email),
        asked_for=bool(message.asked_for),
        has_client=message.client_id is not None,
    )


def _reader(client: Client | None, wanted: Wanted) -> Reader | None:
    if client is None:
        return None
    is_notice = wanted.kind in NOTICES and not wanted.asked_for
    return Reader(
        phone=client.phone,
        email=client.email,
        email_confirmed=bool(client.email_confirmed),
        email_stopped=client.email_stopped is not None,
        notifications=client.notifications or {},
        no_email_notices=is_notice
        and consents.withdrawn(client.client_id, ConsentKind.EMAIL_NOTICES),
    )


def _words(message: OutboxMessage, client: Client | None) -> Words:
    language: Language = "ru"
    if (message.language or (client.language if client else None)) == "en":
        language = "en"
    centre = settings().CENTRE_NAME_EN if language == "en" else settings().CENTRE_NAME_RU
    return Words(language, centre, settings().PUBLIC_URL)
