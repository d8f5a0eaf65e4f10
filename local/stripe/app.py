"""The HTTP side: a Starlette app with the API under /v1 and the hosted pages under /c.

All work runs in threads of its own limit. A bigger app that mounts this one and waits for it from
its own pool of threads therefore cannot starve it.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from local.stripe.api import Answer, Api, Request
from local.stripe.operation import Operation
from local.stripe.page import Handler, Pages, form_fields
from local.stripe.resources import (
    charges,
    checkout_sessions,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)

THREADS = 16
_RESOURCES = (
    customers,
    payment_methods,
    setup_intents,
    payment_intents,
    checkout_sessions,
    charges,
    refunds,
    disputes,
    events,
)
OPERATIONS: list[Operation] = [
    operation for resource in _RESOURCES for operation in resource.OPERATIONS
]
_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]

Result = TypeVar("Result")
Endpoint = Callable[[HttpRequest], Awaitable[Response]]


def build_app(api: Api, pages: Pages) -> Starlette:
    """The app, to run alone or to mount under any prefix."""
    threads = _Threads()
    routes = [
        Route(
            operation.path,
            _api_endpoint(api, operation, threads),
            methods=[operation.method],
        )
        for operation in OPERATIONS
    ]
    routes.append(Route("/v1/{rest:path}", _api_endpoint(api, None, threads), methods=_METHODS))
    routes += pages.routes(partial(_page_endpoint, threads))
    return Starlette(routes=routes)


class _Threads:
    """Runs blocking work under an own limit, made inside the loop that uses it."""

    def __init__(self) -> None:
        self._limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[], Result]) -> Result:
        if self._limiter is None:
            self._limiter = CapacityLimiter(THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def _api_endpoint(api: Api, operation: Operation | None, threads: _Threads) -> Endpoint:
    async def endpoint(http: HttpRequest) -> Response:
        # The path below the mount, which routing keeps apart from the prefix.
        path = http.scope["path"].removeprefix(http.scope.get("root_path", ""))
        encoded = http.url.query
        if http.method == "POST":
            encoded = (await http.body()).decode(errors="replace")
        request = Request(
            method=http.method,
            path=path,
            ids=http.path_params if operation is not None else {},
            encoded=encoded,
            authorization=http.headers.get("authorization", ""),
            idempotency_key=http.headers.get("idempotency-key"),
        )
        return _response(await threads.run(partial(api.answer, request, operation)))

    return endpoint


def _page_endpoint(threads: _Threads, handler: Handler) -> Endpoint:
    async def endpoint(http: HttpRequest) -> Response:
        form = form_fields(await http.body())
        return await threads.run(partial(handler, http, form))

    return endpoint


def _response(answer: Answer) -> Response:
    if answer.silent:
        return _Silence()
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


class _Silence(Response):
    """Closes the connection without a byte, as a lost answer looks to the client.

    The protocol has no word for it. A server refuses to write a header with an illegal name, and
    closes the connection because the answer has begun and will not end.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        start = {"type": "http.response.start", "status": 200, "headers": [(b"\n", b"")]}
        try:
            await send(start)
        except Exception:  # noqa: BLE001 - each server has its own kind
            return
