"""Sessions: opened by a sign-in, carried on by rotating refresh tokens, ended one by one or all.

A refresh token is a MAC over client, session and generation: nothing secret is stored, and the
successor of a token can be made again for a client whose answer got lost.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pynamodb.exceptions import DoesNotExist

from chalicelib import ids
from chalicelib.errors import Code, NotFound, NotSignedIn
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.conditional import update_alone
from chalicelib.models.session import PREFIX, Session, session_item
from chalicelib.observability import count, log
from chalicelib.rules import devices
from chalicelib.rules.sessions import ACCESS_LIFETIME, REFRESH_LIFETIME, Verdict, verdict
from chalicelib.services import tokens
from chalicelib.services.callers import Caller
from chalicelib.services.origins import Origin
from chalicelib.shapes.signin import DeviceOut, DevicesOut, SessionOut, SignedInClient

IN_ONE_TRANSACTION: Final = 80
"""Sessions that end together with what ended them; DynamoDB takes 100 parts."""
_NAMED = re.compile(r"(cli_[0-9a-f]{32})\.(ses_[0-9a-f]{32})\.([1-9]\d{0,8})")


@dataclass(frozen=True)
class _Named:
    """What a refresh token names."""

    client_id: str
    session_id: str
    generation: int


def begin(  # noqa: PLR0913 - everything that a session is made of
    t: Transaction,
    client_id: str,
    phone: str,
    origin: Origin,
    at: datetime,
    *,
    by_code: bool,
    registered: bool = True,
) -> SessionOut:
    """Add a new session to `t` as `session`; its tokens, good once `t` is committed."""
    ends = int((at + REFRESH_LIFETIME).timestamp())
    session = Session(
        client_id,
        session_item(ids.new_id("ses")),
        generation=1,
        expires_at=ends,
        ttl=ends,
        phone=phone,
        code_at=int(at.timestamp()) if by_code else None,
        device=devices.label(origin.user_agent),
        created_at=at,
        last_used_at=at,
    )
    t.put("session", session, Session.item.does_not_exist())
    return _out(session, at, registered=registered)


def refresh(token: str, at: datetime) -> SessionOut:
    """The next tokens of a session: one conditional write.

    The same token within a minute gets the same successor. Raises NotSignedIn
    (`refresh_token_invalid`); a token used again later ends its whole family.
    """
    named = _named(token)
    key = Session(named.client_id, session_item(named.session_id))
    try:
        raw = update_alone(
            "session",
            key,
            Session.rotate(at, at + REFRESH_LIFETIME),
            Session.live(named.generation, at),
        )
    except Refusal as refusal:
        standing = refusal.item("session")
        if standing is None:
            raise _invalid() from refusal
        return _out(_not_live(Session.from_raw_data(standing), named, at), at)
    return _out(Session.from_raw_data(raw), at)


def _not_live(session: Session, named: _Named, at: datetime) -> Session:
    """The session, when its live token is the successor that got lost. Raises NotSignedIn."""
    rotated = session.rotated_at
    found = verdict(
        generation=named.generation,
        standing=int(session.generation),
        rotated_at=datetime.fromtimestamp(rotated / 1000, UTC) if rotated is not None else None,
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        at=at,
    )
    if found is Verdict.SUCCESSOR_AGAIN:
        return session
    if found is Verdict.STOLEN:
        log.warning("refresh token used again", extra={"session_id": named.session_id})
        count("refresh_reuse")
        session.delete()
    raise _invalid()


def log_out(token: str) -> None:
    """End the session of a refresh token, whatever its age: one write. Never says whether it was."""
    try:
        named = _named(token)
    except NotSignedIn:
        return
    Session(named.client_id, session_item(named.session_id)).delete()


def devices_of(caller: Caller, at: datetime) -> DevicesOut:
    """The caller's living sessions, last used first: one query."""
    alive = [s for s in _all(caller.client_id) if s.expires_at > at.timestamp()]
    alive.sort(key=lambda session: session.last_used_at, reverse=True)
    return DevicesOut(
        items=[
            DeviceOut(
                id=session.session_id,
                device=session.device,
                created_at=session.created_at,
                last_used_at=session.last_used_at,
                current=session.session_id == caller.session_id,
            )
            for session in alive
        ]
    )


def end(caller: Caller, session_id: str) -> None:
    """End one of the caller's sessions: one write. Raises NotFound."""
    if not re.fullmatch(r"ses_[0-9a-f]{32}", session_id):
        raise NotFound
    t = Transaction()
    t.delete("session", Session(caller.client_id, session_item(session_id)), Session.item.exists())
    try:
        t.commit()
    except Refusal as refusal:
        raise NotFound from refusal


def end_others(caller: Caller) -> None:
    """End the caller's sessions but the present one: a query, and a write per 25."""
    end_all(s for s in _all(caller.client_id) if s.session_id != caller.session_id)


def end_others_in(t: Transaction, client_id: str, except_for: str | None) -> list[Session]:
    """Add to `t`: every session of a client ends but one. One query.

    Answers those that found no room in `t`, for `end_all` after the commit.
    """
    others = [s for s in _all(client_id) if s.session_id != except_for]
    for session in others[:IN_ONE_TRANSACTION]:
        t.delete(f"session:{session.session_id}", session)
    return others[IN_ONE_TRANSACTION:]


def end_all(ended: Iterable[Session]) -> None:
    """End sessions outside a transaction: a write per 25."""
    with Session.batch_write() as batch:
        for session in ended:
            batch.delete(session)


def stands(caller: Caller) -> bool:
    """Whether the caller's session is still there: one read. Its access token outlives it a little."""
    try:
        Session.get(caller.client_id, session_item(caller.session_id), consistent_read=True)
    except DoesNotExist:
        return False
    return True


def _all(client_id: str) -> list[Session]:
    return list(Session.query(client_id, Session.item.startswith(PREFIX), consistent_read=True))


def _out(session: Session, at: datetime, *, registered: bool = True) -> SessionOut:
    access = tokens.issue(
        tokens.Purpose.ACCESS,
        session.client_id,
        at,
        ACCESS_LIFETIME,
        sid=session.session_id,
        code_at=int(session.code_at) if session.code_at is not None else None,
    )
    return SessionOut(
        access_token=access,
        expires_in_seconds=int(ACCESS_LIFETIME.total_seconds()),
        refresh_token=_token(
            _Named(session.client_id, session.session_id, int(session.generation))
        ),
        client=SignedInClient(id=session.client_id, phone=session.phone, registered=registered),
    )


def _token(named: _Named) -> str:
    text = f"{named.client_id}.{named.session_id}.{named.generation}"
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{_mac(text)}"


def _named(token: str) -> _Named:
    encoded, _, mac = token.partition(".")
    try:
        text = base64.urlsafe_b64decode(encoded.encode() + b"=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, ValueError) as exc:
        raise _invalid() from exc
    match = _NAMED.fullmatch(text)
    if match is None or not tokens.same(mac, _mac(text)):
        raise _invalid()
    return _Named(match[1], match[2], int(match[3]))


def _mac(text: str) -> str:
    return tokens.keyed_hash("refresh", text)


def _invalid() -> NotSignedIn:
    return NotSignedIn(Code.REFRESH_TOKEN_INVALID)
