"""The one port of a local run: controls and stand-ins by prefix, the cabinet, the application."""

from collections.abc import Callable, Mapping
from typing import Any

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from chalicelib.errors import Code
from local import gateway
from local.cabinet import Cabinet

THREADS = 40
"""Requests that the application handles at the same time."""


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


def front(application: ASGIApp, mounts: Mapping[str, ASGIApp]) -> Starlette:
    """Everything behind one port."""
    return Starlette(
        routes=[
            *(Mount(prefix, app) for prefix, app in mounts.items()),
            Mount("/", _Whole(Cabinet(_without_a_page(application)))),
        ]
    )


def _without_a_page(application: ASGIApp) -> ASGIApp:
    """`application`; where the cabinet is not built, `/` leads to the inbox."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/" and scope["method"] == "GET":
            await RedirectResponse("/_local/")(scope, receive, send)
        else:
            await application(scope, receive, send)

    return served


class _Whole:
    """A mount that keeps the path as it came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
