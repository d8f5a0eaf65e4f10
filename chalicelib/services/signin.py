"""Signing in by an SMS code; the first time it makes the client."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib import ids
from chalicelib.errors import Code, Refused
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import PROFILE, Client
from chalicelib.observability import count
from chalicelib.rules import devices, otp, phones
from chalicelib.services import clients, consents, messages, sessions
from chalicelib.services import otp as codes
from chalicelib.services.messages import Message, MessageKind
from chalicelib.services.origins import Origin
from chalicelib.shapes.signin import AskCode, ChallengeOut, ConsentKind, SessionOut, TryCode


def ask_code(ask: AskCode, origin: Origin, at: datetime) -> ChallengeOut:
    """Send a code to a phone, known or not: one write and one SMS.

    Consents given here count when this challenge makes a client.
    """
    given = consents.noted(ask.consents, origin, at) if ask.consents else None
    return challenge_out(codes.send(ask.phone, codes.SIGN_IN, origin, at, given))


def challenge_out(sent: codes.SentCode) -> ChallengeOut:
    """What a client is told about a code on its way."""
    return ChallengeOut(
        challenge_id=str(sent.challenge),
        phone=phones.masked(sent.phone),
        resend_after_seconds=int(otp.RESEND_AFTER.total_seconds()),
        expires_in_seconds=int(otp.LIFETIME.total_seconds()),
    )


def try_code(challenge_id: str, ask: TryCode, origin: Origin, at: datetime) -> SessionOut:
    """Sign in with a code: two writes; the first sign-in of a phone makes its client.

    Whoever left by withdrawing the consent is asked for it again, at a read and a write more.
    Raises Refused (`otp_code_wrong`, `consent_required`), Gone or TooMany.
    """
    challenge = otp.challenge_named(challenge_id)
    if challenge is None:
        raise codes.gone()
    login = codes.attempt(challenge, ask.code, codes.SIGN_IN, at)
    notes = (login.given or {}, consents.noted(ask.consents, origin, at))
    proven = _Proven(challenge, login.phone or "", notes, origin, at)
    owner: str | None = login.client_id
    try:
        session = _register(proven) if owner is None else _known(proven, owner)
    except Refusal as refusal:
        raise codes.gone() from refusal
    count("sign_ins", method="otp", outcome="signed_in")
    return session


def tell_of(
    t: Transaction, client_id: str, session: SessionOut, origin: Origin, at: datetime
) -> Callable[[], None]:
    """Add to `t` the letter on a new sign-in; what to call after the commit, to have it sent."""
    assert session.refresh_token is not None  # a cookie takes it out later, at the door
    told = messages.intend(
        t,
        Message(
            MessageKind.NEW_SIGN_IN,
            client_id,
            key=hashlib.sha256(session.refresh_token.encode()).hexdigest(),
            params={"device": devices.label(origin.user_agent), "at": at},
        ),
        at,
    )
    return lambda: messages.dispatch([told])


@dataclass(frozen=True)
class _Proven:
    """A phone whose code was right, with the consents that came beside it, from where and when."""

    challenge: otp.Challenge
    phone: str
    notes: tuple[consents.Note, ...]
    origin: Origin
    at: datetime

    def require_consent(self) -> None:
        """Raises Refused `consent_required`; the code stays good."""
        if not consents.include(self.notes, ConsentKind.PERSONAL_DATA):
            codes.take_back(self.challenge)
            raise Refused(Code.CONSENT_REQUIRED)


def _register(proven: _Proven) -> SessionOut:
    """Make a client with its consents and its first session. Raises Refusal, Refused without consent."""
    proven.require_consent()
    t = Transaction()
    client_id = ids.new_id("cli")
    origin, at = proven.origin, proven.at
    t.put(
        "client",
        Client(client_id, PROFILE, phone=proven.phone, language=origin.language, created_at=at),
        Client.item.does_not_exist(),
    )
    for record in consents.records(client_id, proven.notes):
        t.put("consent", record)
    codes.settle(t, proven.challenge, owner=None, claim_for=client_id)
    session = sessions.begin(t, client_id, proven.phone, origin, at, by_code=True, registered=False)
    t.commit()
    return session


def _known(proven: _Proven, owner: str) -> SessionOut:
    """Open a session of a client. Raises Refusal, Refused without a consent that was withdrawn."""
    t = Transaction()
    t.check("profile", Client(owner, PROFILE), Client.left_at.does_not_exist())
    try:
        return _open(t, proven, owner)
    except Refusal as refusal:
        if refusal.labels != {"profile"}:
            raise
    proven.require_consent()
    return clients.on_profile(owner, lambda profile: _come_back(profile, proven))


def _come_back(profile: Client, proven: _Proven) -> SessionOut:
    t = Transaction()
    t.update("profile", profile, [Client.left_at.remove()], Client.item.exists())
    for record in consents.records(profile.client_id, proven.notes):
        t.put("consent", record)
    return _open(t, proven, profile.client_id)


def _open(t: Transaction, proven: _Proven, owner: str) -> SessionOut:
    """Commit `t` with the code used, a session opened and its owner told."""
    codes.settle(t, proven.challenge, owner=owner)
    session = sessions.begin(t, owner, proven.phone, proven.origin, proven.at, by_code=True)
    tell = tell_of(t, owner, session, proven.origin, proven.at)
    t.commit()
    tell()
    return session
