"""Signing in by an SMS code; the first time it makes the client."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib import ids
from chalicelib.errors import Code, Refused
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.login import Login
from chalicelib.observability import count
from chalicelib.rules import devices, otp, phones
from chalicelib.services import consents, messages, sessions
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

    Raises Refused (`otp_code_wrong`, `consent_required`), Gone or TooMany.
    """
    challenge = otp.challenge_named(challenge_id)
    if challenge is None:
        raise codes.gone()
    login = codes.attempt(challenge, ask.code, codes.SIGN_IN, at)
    t = Transaction()
    tell = _nothing
    owner: str | None = login.client_id
    if owner is None:
        session = _register(t, challenge, login, ask.consents, origin, at)
    else:
        codes.settle(t, challenge, owner=owner)
        session = sessions.begin(t, owner, login.phone or "", origin, at, by_code=True)
        tell = tell_of(t, owner, session, origin, at)
    try:
        t.commit()
    except Refusal as refusal:
        raise codes.gone() from refusal
    tell()
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


def _nothing() -> None:
    """There is nobody to tell of a client's first sign-in."""


def _register(
    t: Transaction,
    challenge: otp.Challenge,
    login: Login,
    given_now: Iterable[ConsentKind],
    origin: Origin,
    at: datetime,
) -> SessionOut:
    """Add a new client, its consents and its first session to `t`. Raises Refused without consent."""
    earlier: dict[str, Any] = login.given or {}
    notes = [earlier, consents.noted(given_now, origin, at)]
    if not consents.include(notes, ConsentKind.PERSONAL_DATA):
        codes.take_back(challenge)
        raise Refused(Code.CONSENT_REQUIRED)
    client_id = ids.new_id("cli")
    phone = login.phone or ""
    t.put(
        "client",
        Client(client_id, PROFILE, phone=phone, language=origin.language, created_at=at),
        Client.item.does_not_exist(),
    )
    for record in consents.records(client_id, notes):
        t.put("consent", record)
    codes.settle(t, challenge, owner=None, claim_for=client_id)
    return sessions.begin(t, client_id, phone, origin, at, by_code=True, registered=False)
