"""The refresh token of a browser: in a cookie that no script can read, for calls of our own pages.

A browser asks for it with `X-Refresh-Token: cookie`, or `session-cookie` where nobody wants to be
remembered: that one goes when the browser closes. A foreign page cannot send that header without
a preflight, which the API does not answer; beside it the cookie is SameSite=Strict, and an `Origin`
that is not ours is refused. Docs: docs/decisions/0011-web-cabinet.md.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from chalicelib.config import settings
from chalicelib.errors import Code, FieldError, Forbidden, NotSignedIn, Refused, Unreadable
from chalicelib.handlers.edge import Answer, Request
from chalicelib.operations import REFRESH_COOKIES, REFRESH_TOKEN_HEADER, RefreshCookie
from chalicelib.rules.sessions import REFRESH_LIFETIME
from chalicelib.shapes.signin import RefreshToken, SessionOut

NAME: Final = "__Secure-lkk-refresh"
"""`__Host-` would ask for Path=/, and the token would travel with every call."""
_ATTRIBUTES: Final = "Path=/v1/auth; HttpOnly; Secure; SameSite=Strict"


def wanted(request: Request[Any, Any]) -> RefreshCookie | None:
    """How this call keeps its refresh token in the cookie; None when it has it in the body.

    Raises Unreadable for another word in the header, Forbidden for a page of another origin.
    """
    asked = request.headers.get(REFRESH_TOKEN_HEADER.lower())
    if asked is None:
        return None
    if asked not in REFRESH_COOKIES:
        raise Unreadable(Code.MALFORMED_REQUEST)
    origin = request.headers.get("origin")
    ours = {each.strip().lower() for each in settings().RETURN_ORIGINS.split(",")}
    if origin is not None and origin.lower() not in ours | {settings().PUBLIC_URL.lower()}:
        raise Forbidden(Code.ORIGIN_NOT_ALLOWED)
    return asked


def opened(session: SessionOut, kept: RefreshCookie | None) -> Answer:
    """A session's answer: its refresh token in the body, or in the cookie."""
    if kept is None:
        return Answer(session)
    lasts = f"Max-Age={int(REFRESH_LIFETIME.total_seconds())}; " if kept == "cookie" else ""
    cookie = f"{NAME}={session.refresh_token}; {lasts}{_ATTRIBUTES}"
    return Answer(
        session.model_copy(update={"refresh_token": None}), headers={"Set-Cookie": cookie}
    )


def closed() -> Answer:
    """Nothing, and the cookie goes."""
    return Answer(None, headers={"Set-Cookie": f"{NAME}=; Max-Age=0; {_ATTRIBUTES}"})


def token_of(request: Request[RefreshToken, None], kept: RefreshCookie | None) -> str:
    """The refresh token that came, in the body or in the cookie.

    Raises NotSignedIn when the cookie is absent, Refused when the body names none or one too many.
    """
    given = request.body.refresh_token
    if kept is None:
        if given is None:
            raise _refused(Code.FIELD_REQUIRED)
        return given
    if given is not None:
        raise _refused(Code.EITHER_OR)
    try:
        jar = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        jar = SimpleCookie()
    if NAME not in jar:
        raise NotSignedIn(Code.REFRESH_TOKEN_INVALID)
    return jar[NAME].value


def _refused(code: Code) -> Refused:
    return Refused(Code.INVALID_REQUEST, errors=(FieldError("refresh_token", code),))
