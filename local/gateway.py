"""API Gateway, locally: one HTTP request in, the Chalice application's answer out.

Chalice's own LocalGateway matches routes and builds the Lambda event; what it answers unlike the
deployed API (unknown paths, wrong methods) becomes the problem+json of the gateway responses.
"""

import json
import threading
from dataclasses import dataclass
from typing import Any

import httpx
from chalice.app import Chalice
from chalice.config import Config
from chalice.local import CustomLocalChalice, ForbiddenError, LocalChalice, LocalGateway

from chalicelib import texts
from chalicelib.errors import Code
from chalicelib.handlers import edge

_lock = threading.Lock()


@dataclass(frozen=True)
class GatewayAnswer:
    """What goes back over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Gateway:
    """Serves `app` as API Gateway would. Safe to call from many threads."""

    def __init__(self, app: Chalice) -> None:
        with _lock:
            if not isinstance(app, LocalChalice):
                # As chalice.local does: current_request becomes one per thread.
                CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
                app.__class__ = CustomLocalChalice
        self._gateway = LocalGateway(app, Config(chalice_stage="local"))
        self._routes = app.routes

    def answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> GatewayAnswer:
        """The answer to one request; `target` is the path with its query."""
        try:
            answer = self._call(method, target, headers, body)
        except ForbiddenError:  # "Missing Authentication Token": no such route
            return _problem(404, Code.PATH_UNKNOWN, headers)
        if answer.status == 405 and b"problem+json" not in _content_type(answer):
            return _problem(405, Code.METHOD_NOT_ALLOWED, headers)
        return answer

    def _call(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> GatewayAnswer:
        response: dict[str, Any] = dict(self._gateway.handle_request(method, target, headers, body))
        pairs = [(str(k), str(v)) for k, v in (response.get("headers") or {}).items()]
        raw = response["body"]
        return GatewayAnswer(
            int(response["statusCode"]), pairs, raw if isinstance(raw, bytes) else str(raw).encode()
        )


def _content_type(answer: GatewayAnswer) -> bytes:
    return next((v.encode() for k, v in answer.headers if k.lower() == "content-type"), b"")


def _problem(status: int, code: Code, headers: dict[str, str]) -> GatewayAnswer:
    asked = next((v for k, v in headers.items() if k.lower() == "accept-language"), None)
    language = texts.chosen(asked)
    body = {
        "type": edge.PROBLEM_TYPE.format(code=code.value),
        "title": "Not Found" if status == 404 else "Method Not Allowed",
        "status": status,
        "detail": texts.say(language, code.value),
        "code": code.value,
    }
    return GatewayAnswer(
        status,
        [("Content-Type", "application/problem+json"), ("Content-Language", language)],
        json.dumps(body, ensure_ascii=False).encode(),
    )


class GatewayTransport(httpx.BaseTransport):
    """Lets an `httpx.Client` talk to the application in this process, without a socket."""

    def __init__(self, app: Chalice) -> None:
        self._gateway = Gateway(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request through the gateway."""
        answer = self._gateway.answer(
            request.method,
            request.url.raw_path.decode(),
            {k: v for k, v in request.headers.items() if k != "accept-encoding"},
            request.read(),
        )
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)
