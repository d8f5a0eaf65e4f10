"""Doors of signing in: codes, passwords, sessions."""

from typing import Any

from chalice.app import Blueprint

from chalicelib import clock
from chalicelib.handlers import refresh_cookie
from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.services import password_signin, sessions
from chalicelib.services import signin as sign_in
from chalicelib.services.origins import Origin, channel_of
from chalicelib.shapes.signin import (
    AskCode,
    ChallengeOut,
    DevicesOut,
    RefreshToken,
    SessionOut,
    TryCode,
    TryPassword,
)

signin = Blueprint(__name__)


def origin_of(request: Request[Any, Any]) -> Origin:
    """Where `request` came from."""
    return Origin(
        language=request.language,
        address=request.address,
        user_agent=request.user_agent,
        channel=channel_of(request.headers.get("x-client")),
    )


@operation(
    signin,
    "POST",
    "/v1/auth/otp",
    body=AskCode,
    answers={202: ChallengeOut},
    refusals=(422, 429, 503),
    signed_in=False,
)
def request_code(request: Request[AskCode, None]) -> ChallengeOut:
    """Send a one-time code to a phone, known or not. The same phone again after 45 seconds."""
    return sign_in.ask_code(request.body, origin_of(request), clock.now())


@operation(
    signin,
    "POST",
    "/v1/auth/otp/{challenge_id}/verify",
    body=TryCode,
    answers={200: SessionOut},
    refusals=(410, 422, 429),
    signed_in=False,
    refresh_cookie=True,
)
def verify_code(request: Request[TryCode, None], challenge_id: str) -> Answer:
    """Sign in with the code. A phone not seen before becomes a client; that needs consent."""
    kept = refresh_cookie.wanted(request)
    session = sign_in.try_code(challenge_id, request.body, origin_of(request), clock.now())
    return refresh_cookie.opened(session, kept)


@operation(
    signin,
    "POST",
    "/v1/auth/password",
    body=TryPassword,
    answers={200: SessionOut},
    refusals=(401, 403, 422, 429),
    signed_in=False,
    refresh_cookie=True,
)
def sign_in_by_password(request: Request[TryPassword, None]) -> Answer:
    """Sign in with a phone or a confirmed e-mail address and a password. Five wrong ones lock it."""
    kept = refresh_cookie.wanted(request)
    session = password_signin.sign_in(request.body, origin_of(request), clock.now())
    return refresh_cookie.opened(session, kept)


@operation(
    signin,
    "POST",
    "/v1/auth/refresh",
    body=RefreshToken,
    answers={200: SessionOut},
    refusals=(401, 422),
    signed_in=False,
    refresh_cookie=True,
)
def refresh(request: Request[RefreshToken, None]) -> Answer:
    """The next tokens. A refresh token used again (later than a minute) ends its session."""
    kept = refresh_cookie.wanted(request)
    token = refresh_cookie.token_of(request, kept)
    return refresh_cookie.opened(sessions.refresh(token, clock.now()), kept)


@operation(
    signin,
    "POST",
    "/v1/auth/logout",
    body=RefreshToken,
    answers={204: None},
    refusals=(401, 422),
    signed_in=False,
    refresh_cookie=True,
)
def log_out(request: Request[RefreshToken, None]) -> Answer:
    """End the session of a refresh token."""
    kept = refresh_cookie.wanted(request)
    sessions.log_out(refresh_cookie.token_of(request, kept))
    return refresh_cookie.closed() if kept else Answer(None)


@operation(signin, "GET", "/v1/auth/sessions", answers={200: DevicesOut})
def list_sessions(request: Request[None, None]) -> DevicesOut:
    """Own devices, last used first, with the current one marked."""
    return sessions.devices_of(request.caller, clock.now())


@operation(signin, "DELETE", "/v1/auth/sessions", answers={204: None})
def end_other_sessions(request: Request[None, None]) -> None:
    """Sign every other device out; this one stays."""
    sessions.end_others(request.caller)


@operation(signin, "DELETE", "/v1/auth/sessions/{session_id}", answers={204: None})
def end_session(request: Request[None, None], session_id: str) -> None:
    """Sign a device out. Its access token ends by itself, within 15 minutes."""
    sessions.end(request.caller, session_id)
