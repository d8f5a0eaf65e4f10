"""The web cabinet, as CloudFront serves it beside the API: files, and its page elsewhere."""

from pathlib import Path
from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.cabinet import HEADERS, cache_control, is_page
from local.engines import ROOT

DIST: Final = ROOT / "web" / "dist"
_TEXT: Final = (".html", ".js", ".css", ".svg", ".webmanifest", ".txt", ".json")
"""What is sent compressed, to who takes it; fonts and pictures are compressed in themselves."""


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
            served = GZipMiddleware(answer) if str(answer.path).endswith(_TEXT) else answer
            await served(scope, receive, send)

    def _found(self, scope: Scope) -> FileResponse | None:
        path: str = scope["path"]
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        if path.startswith(("/v1/", "/_")) or "\0" in path:
            return None
        file = (self._dist / path.lstrip("/")).resolve()
        if file.is_file() and file.is_relative_to(self._dist):
            return self._file(file)
        page = self._dist / "index.html"
        if _asks_for_a_page(scope) and page.is_file():
            return self._file(page, 200 if is_page(path) else 404)
        return None

    def _file(self, file: Path, status: int = 200) -> FileResponse:
        kept = cache_control(file.relative_to(self._dist).as_posix())
        return FileResponse(file, status, headers={**HEADERS, "Cache-Control": kept})


def _asks_for_a_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
