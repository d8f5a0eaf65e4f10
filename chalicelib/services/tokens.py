"""Signed tokens, one purpose each, and keyed hashes of what must not be stored in the clear.

HS256 only; issuer, audience (= purpose) and times are required of every token (RFC 8725).
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import jwt

from chalicelib.clients.secrets import secret
from chalicelib.config import settings
from chalicelib.errors import Code, NotSignedIn

ISSUER = "lkk"


class Purpose(StrEnum):
    """What a token is good for; one made for a purpose is refused for every other."""

    ACCESS = "access"
    PROOF = "proof"


def issue(purpose: Purpose, subject: str, at: datetime, lifetime: timedelta, **claims: Any) -> str:
    """A token for `subject`, valid from `at` for `lifetime`."""
    payload = {
        "iss": ISSUER,
        "aud": purpose.value,
        "sub": subject,
        "iat": int(at.timestamp()),
        "exp": int((at + lifetime).timestamp()),
        **claims,
    }
    return jwt.encode(payload, _key(purpose.value), algorithm="HS256")


def read(purpose: Purpose, token: str, at: datetime) -> dict[str, Any]:
    """The claims of a valid token.

    Raises NotSignedIn: `token_expired`, or `not_signed_in` for any other fault.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(purpose.value),
            algorithms=["HS256"],
            audience=purpose.value,
            issuer=ISSUER,
            options={
                "require": ["exp", "iat", "sub", "aud", "iss"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError as exc:
        raise NotSignedIn(Code.NOT_SIGNED_IN) from exc
    # Times are judged by the injected clock, so not by the library.
    if claims["exp"] <= at.timestamp():
        raise NotSignedIn(Code.TOKEN_EXPIRED)
    if claims["iat"] > at.timestamp() + 60:
        raise NotSignedIn(Code.NOT_SIGNED_IN)
    return claims


def keyed_hash(purpose: str, *values: str) -> str:
    """HMAC-SHA256 in hex of `values` under the server's key: codes, phones, refresh secrets."""
    message = "\x1f".join(values).encode()
    return hmac.new(_key(purpose), message, hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def _key(purpose: str) -> bytes:
    # One key per purpose, derived, so that no signature of one purpose is valid for another.
    master = secret(settings().TOKEN_KEY).encode()
    return hmac.new(master, f"lkk:{purpose}".encode(), hashlib.sha256).digest()
