"""Signing in by a phone or a confirmed e-mail address and a password.

A login that is nobody's goes the same way at the same price: a read, a counted try, a read, a
comparison. Phone and e-mail of one person share one count of tries.
"""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.exceptions import DoesNotExist

from chalicelib.config import settings
from chalicelib.errors import Code, Conflict, Forbidden, NotSignedIn, Refused, TooMany
from chalicelib.models.base import Transaction
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.login import Login
from chalicelib.observability import count
from chalicelib.rules import emails, phones
from chalicelib.services import clients, passwords, sessions, tokens
from chalicelib.services import emails as letters
from chalicelib.services import otp as codes
from chalicelib.services.origins import Origin
from chalicelib.services.signin import tell_of
from chalicelib.shapes.signin import SessionOut, TryPassword


@dataclass(frozen=True)
class _Typed:
    """A login as typed, made canonical; `key` is its identity's, whether it exists or not."""

    key: str
    email: str | None


def sign_in(ask: TryPassword, origin: Origin, at: datetime) -> SessionOut:
    """Sign in with a password: two reads and two writes.

    Raises NotSignedIn (`login_or_password_wrong`), Forbidden (`email_not_confirmed`, only with
    the right password; a letter is sent), Refused (`consent_required`, of whoever left: a code
    takes the consent) or TooMany.
    """
    typed = _canonical(ask.login)
    person = _person(typed)
    passwords.count_try(person or typed.key, at)
    profile = _profile(person)
    if not passwords.fits(ask.password, profile.password_hash if profile else None):
        count("sign_ins", method="password", outcome="wrong")
        raise NotSignedIn(Code.LOGIN_OR_PASSWORD_WRONG)
    assert profile is not None
    _require_identity(typed, profile, at)
    left_at: datetime | None = profile.left_at
    if left_at is not None:
        raise Refused(Code.CONSENT_REQUIRED)
    t = Transaction()
    passwords.forget_tries(t, profile.client_id)
    session = sessions.begin(t, profile.client_id, profile.phone, origin, at, by_code=False)
    tell = tell_of(t, profile.client_id, session, origin, at)
    t.commit()
    tell()
    count("sign_ins", method="password", outcome="signed_in")
    return session


def _canonical(login: str) -> _Typed:
    try:
        if "@" in login:
            email = emails.canonical(login, "login")
            return _Typed(clients.email_login(email), email)
        phone = phones.canonical(login, frozenset(settings().PHONE_REGIONS.split(",")), "login")
        return _Typed(codes.phone_login(phone), None)
    except Refused:
        # What is no login at all is answered like a login that nobody has.
        return _Typed(f"typed#{tokens.keyed_hash('login', login)}", None)


def _person(typed: _Typed) -> str | None:
    """The client whose login it is, or who waits to confirm the address."""
    try:
        login = Login.get(typed.key, consistent_read=True)
    except DoesNotExist:
        return None
    owner: str | None = login.client_id
    pending: str | None = login.pending
    return owner or (pending if typed.email is not None else None)


def _profile(person: str | None) -> Client | None:
    try:
        return Client.get(person or "nobody", PROFILE, consistent_read=True)
    except DoesNotExist:
        return None


def _require_identity(typed: _Typed, profile: Client, at: datetime) -> None:
    """The password was right: is the address that was typed confirmed, and still this client's?"""
    if typed.email is None:
        return
    own: str | None = profile.email
    if own is None or clients.email_login(own) != typed.key:
        raise NotSignedIn(Code.LOGIN_OR_PASSWORD_WRONG)
    if not profile.email_confirmed:
        count("sign_ins", method="password", outcome="email_not_confirmed")
        _send_again(profile.client_id, at)
        raise Forbidden(Code.EMAIL_NOT_CONFIRMED)


def _send_again(client_id: str, at: datetime) -> None:
    try:
        letters.send_again(client_id, at)
    except (TooMany, Conflict):
        # At the limit of letters, or confirmed this very moment: the answer stays the same.
        return
