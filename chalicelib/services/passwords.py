"""Passwords: hashed, judged and tried. Argon2id at OWASP's 19 MiB, two passes, one lane.

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html (read 2026-11);
about 25 ms here. A try is counted before it is compared.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chalicelib import ids
from chalicelib.config import settings
from chalicelib.errors import Code, FieldError, Forbidden, Refused, TooMany
from chalicelib.models.base import Transaction
from chalicelib.models.client import Client
from chalicelib.models.login import Login
from chalicelib.models.password_tries import Locked, PasswordTries
from chalicelib.observability import count
from chalicelib.rules import passwords
from chalicelib.rules.sessions import freshly_coded
from chalicelib.services import clients, messages, sessions
from chalicelib.services.callers import Caller
from chalicelib.services.messages import Message, MessageKind

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_COMMON: Final = Path(__file__).parent.parent / "data" / "common_passwords.txt"
_LOCK: Final = timedelta(seconds=passwords.LOCK_SECONDS)
_NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$ymR8N4uUGBO8FCRHd0EMZg"
    "$4CcK6OE/66WROQO8HZaUaoMVF/8q17N8h29gZX1Yvak"
)
"""Compared with when there is no password, so that this costs the same."""


def count_try(person: str, at: datetime) -> None:
    """Count a password try of a person. One write. Raises TooMany while locked."""
    try:
        PasswordTries.of(person).count_try(at, passwords.TRIES, _LOCK)
    except Locked as locked:
        count("sign_ins", method="password", outcome="locked")
        raise TooMany(Code.TOO_MANY_ATTEMPTS, retry_after_seconds=locked.wait_seconds) from locked


def forget_tries(t: Transaction, person: str) -> None:
    """Add to `t`: the right password ends the series of wrong ones."""
    t.delete("tries", PasswordTries.of(person))


def fits(password: str, stored: str | None) -> bool:
    """Whether `password` is the one whose hash is stored; costs the same when none is."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        right = _hasher().verify(stored or _NOBODYS, passwords.normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def hashed(password: str) -> str:
    """The hash to store."""
    return _hasher().hash(passwords.normal(password))


def require_policy(password: str, field: str = "new_password") -> None:
    """Raise Refused `password_policy` with one entry per broken rule."""
    broken = passwords.broken_rules(password, settings().PASSWORD_POLICY, _common(), field)
    if broken:
        raise Refused(Code.PASSWORD_POLICY, errors=broken)


def policy() -> passwords.Policy:
    """The policy in force. No calls."""
    return passwords.POLICIES[settings().PASSWORD_POLICY]


def prove(profile: Client, caller: Caller, current: str | None, at: datetime) -> None:
    """The caller shows who they are: by the current password or a code of the last ten minutes.

    One write for a password, one read for a code: the access token of a session that was ended
    lives on for minutes, and must not take the client over. Raises Refused, TooMany or Forbidden
    (`fresh_code_required`).
    """
    if current is None:
        if not freshly_coded(caller.code_at, at) or not sessions.stands(caller):
            raise Forbidden(Code.FRESH_CODE_REQUIRED)
        return
    count_try(profile.client_id, at)
    if not fits(current, profile.password_hash):
        raise Refused(
            Code.INVALID_REQUEST, errors=(FieldError("current_password", Code.PASSWORD_WRONG),)
        )


def change(caller: Caller, new: str, current: str | None, at: datetime) -> None:
    """Set the caller's password; the other sessions end. Two reads, a query and a transaction."""
    require_policy(new)
    prove(clients.profile_of(caller.client_id), caller, current, at)
    new_hash = hashed(new)
    clients.on_profile(
        caller.client_id,
        lambda profile: replace(
            Transaction(), profile, new_hash, at, keep_session=caller.session_id
        ),
    )


def replace(
    t: Transaction,
    profile: Client,
    new_hash: str,
    at: datetime,
    *,
    keep_session: str | None,
    by_link: str | None = None,
) -> None:
    """Commit `t` with a new password: all sessions but one and all reset links end, the client is told.

    `by_link`: the key of the reset link that is used; the part `reset_link` refuses any but the
    newest. One query and the transaction. Raises Refusal.
    """
    if profile.email is not None and profile.email_confirmed:
        t.update(
            "reset_link",
            Login(clients.email_login(profile.email)),
            [Login.reset_link.remove()],
            Login.reset_link == by_link if by_link is not None else None,
        )
    t.update("profile", profile, [Client.password_hash.set(new_hash)], Client.item.exists())
    forget_tries(t, profile.client_id)
    more = sessions.end_others_in(t, profile.client_id, keep_session)
    told = messages.intend(
        t,
        Message(
            MessageKind.PASSWORD_CHANGED,
            profile.client_id,
            key=ids.new_id("pwd"),
            params={"at": at},
        ),
        at,
    )
    t.commit()
    sessions.end_all(more)
    messages.dispatch([told])
    count("password_changes")


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split("\n")) - {""}
