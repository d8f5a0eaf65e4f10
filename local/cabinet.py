"""The web cabinet, as the bucket behind the API's domain serves it: files, and its page elsewhere."""

from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.engines import ROOT

DIST: Final = ROOT / "web" / "dist"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "trusted-types svelte-trusted-html sw; require-trusted-types-for 'script'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FOREVER: Final = "public, max-age=31536000, immutable"
"""Names under /assets carry the hash of what they hold."""
_PAGES: Final = (
    "/sign-in",
    "/confirm-email",
    "/reset-password",
    "/accounts",
    "/readings",
    "/pay",
    "/payments",
    "/profile",
)


class Cabinet:
    """The cabinet in front of `application`, which gets every request that is not the cabinet's."""

    def __init__(self, application: ASGIApp, dist: Path = DIST) -> None:
        self._application = application
        self._dist = dist.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A file, the cabinet's page for a browser that opens an address, or the application."""
        answer = self._found(scope)
        if answer is None:
            await self._application(scope, receive, send)
        else:
            await answer(scope, receive, send)

    def _found(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        if path.startswith(("/v1/", "/_")) or "\0" in path:
            return None
        file = (self._dist / path.lstrip("/")).resolve()
        if file.is_file() and file.is_relative_to(self._dist):
            cache = _FOREVER if path.startswith("/assets/") else "no-cache"
            return FileResponse(file, headers={**HEADERS, "Cache-Control": cache})
        page = self._dist / "index.html"
        if _asks_for_a_page(scope) and page.is_file():
            known = path == "/" or any(
                path == each or path.startswith(f"{each}/") for each in _PAGES
            )
            headers = {**HEADERS, "Cache-Control": "no-cache"}
            return FileResponse(page, 200 if known else 404, headers=headers)
        return None


def _asks_for_a_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
