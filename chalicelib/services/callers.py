"""Who is asking: the claims of the access token, no call to any table."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.errors import Code, NotSignedIn
from chalicelib.services import tokens


@dataclass(frozen=True)
class Caller:
    """A signed-in client. `code_at` is when this session was last proven by an SMS code, if it was."""

    client_id: str
    session_id: str
    code_at: datetime | None


def caller_of(authorization: str | None, at: datetime) -> Caller:
    """The caller that `Authorization: Bearer …` names. Raises NotSignedIn."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn(Code.NOT_SIGNED_IN)
    claims = tokens.read(tokens.Purpose.ACCESS, token.strip(), at)
    code_at = claims.get("code_at")
    return Caller(
        client_id=claims["sub"],
        session_id=claims["sid"],
        code_at=datetime.fromtimestamp(code_at, UTC) if code_at is not None else None,
    )
