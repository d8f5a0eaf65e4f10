"""Shapes of signing in: codes, passwords, sessions."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from chalicelib.shapes.base import AnswerShape, AskShape, Moment


class ConsentKind(StrEnum):
    """What a client can consent to; each has a text of its own."""

    PERSONAL_DATA = "personal_data"
    TERMS = "terms"
    EMAIL_NOTICES = "email_notices"
    MARKETING = "marketing"


def _kind(value: object) -> object:
    # Shapes are strict, and JSON has no enums.
    known = {kind.value: kind for kind in ConsentKind}
    return known.get(value, value) if isinstance(value, str) else value


Kind = Annotated[ConsentKind, BeforeValidator(_kind)]
Consents = Annotated[list[Kind], Field(max_length=4)]
PhoneTyped = Annotated[str, Field(max_length=40)]
Password = Annotated[str, Field(min_length=1, max_length=200)]
CodeTyped = Annotated[str, Field(max_length=12)]


class AskCode(AskShape):
    """A code is wanted at this phone."""

    phone: PhoneTyped
    consents: Consents = Field(default_factory=list)


class ChallengeOut(AnswerShape):
    """A code is on its way; `challenge_id` goes into the address of `verify`."""

    challenge_id: str
    phone: str
    resend_after_seconds: int
    expires_in_seconds: int


class TryCode(AskShape):
    """The code from the SMS."""

    code: CodeTyped
    consents: Consents = Field(default_factory=list)


class TryPassword(AskShape):
    """A phone or a confirmed e-mail address, and the password."""

    login: Annotated[str, Field(min_length=1, max_length=254)]
    password: Password


class RefreshToken(AskShape):
    """A refresh token, as the last Session gave it; absent when it is in the cookie."""

    refresh_token: Annotated[str, Field(max_length=400)] | None = None


class SignedInClient(AnswerShape):
    """Who signed in. `registered` is false in the one answer that made the client."""

    id: str
    phone: str
    registered: bool


class SessionOut(AnswerShape):
    """A session: a short access token and the refresh token for the next one."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme's name
    expires_in_seconds: int
    refresh_token: str | None
    """Null when the browser asked for it in a cookie."""
    client: SignedInClient


class DeviceOut(AnswerShape):
    """One of the caller's sessions; `device` is a coarse label such as `Firefox, Linux`."""

    id: str
    device: str
    created_at: Moment
    last_used_at: Moment
    current: bool


class DevicesOut(AnswerShape):
    """The caller's sessions, last used first."""

    items: list[DeviceOut]
    next_cursor: None = None
