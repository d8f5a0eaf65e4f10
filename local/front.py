"""The one port of a local run: controls and stand-ins by prefix, the cabinet, the application."""

from collections.abc import Callable, Mapping
from typing import Any

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from chalicelib.errors import Code
from local import gateway
from local.cabinet import Cabinet

THREADS = 40
"""Requests that the application handles at the same time."""
AFTER_THE_START = ("/v1/health", "/_local/demo")
"""Asked by people and programs that wait for the run; they must not find half of the demo centre."""


class ApplicationDoor:
    """The Chalice application as ASGI: each request in a thread of its own limiter."""

    def __init__(self, served: Callable[[], gateway.Gateway]) -> None:
        self._gateway = served
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Whatever its method or encoding, the answer is the gateway's."""
        request = Request(scope, receive)
        headers = _headers(request)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return
        if body is None:
            answer = gateway.problem(413, Code.BODY_TOO_LARGE, headers)
        else:
            if self._limiter is None:
                self._limiter = anyio.CapacityLimiter(THREADS)
            whole = body

            def call() -> gateway.GatewayAnswer:
                return self._gateway().answer(scope["method"], _target(scope), headers, whole)

            answer = await anyio.to_thread.run_sync(call, limiter=self._limiter)
        response = Response(answer.body, answer.status)
        response.raw_headers[:0] = [
            (k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in answer.headers
        ]
        await response(scope, receive, send)


def front(
    application: ASGIApp, mounts: Mapping[str, ASGIApp], ready: Callable[[], bool] = lambda: True
) -> ASGIApp:
    """Everything behind one port. What says that the run is there answers only when it is `ready`."""
    everything = Starlette(
        routes=[
            *(Mount(prefix, app) for prefix, app in mounts.items()),
            _Everything(Cabinet(_without_a_page(application))),
        ]
    )

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in AFTER_THE_START:
            while not ready():
                await anyio.sleep(0.1)
        await everything(scope, receive, send)

    return waiting


def _without_a_page(application: ASGIApp) -> ASGIApp:
    """`application`; where the cabinet is not built, `/` leads to the inbox."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/" and scope["method"] == "GET":
            await RedirectResponse("/_local/")(scope, receive, send)
        else:
            await application(scope, receive, send)

    return served


class _Everything(BaseRoute):
    """Takes what nobody else takes, whatever its path: a `Mount` leaves out those with a line break."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _headers(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in request.headers.raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def _body(request: Request) -> bytes | None:
    """The whole body; None when it is larger than API Gateway takes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > gateway.BODY_LIMIT_BYTES:
            return None
    return bytes(body)


def _target(scope: Scope) -> str:
    raw: Any = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    path = raw.decode("latin-1")
    return f"{path}?{query.decode('latin-1')}" if query else path
