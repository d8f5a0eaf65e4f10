"""API Gateway, locally: one HTTP request in, the Chalice application's answer out.

Chalice's own LocalGateway calls the application; routes are matched and the Lambda event is built
here, since the deployed API decodes path parameters and refuses paths that Chalice's matcher lets
through. Unknown paths and methods become the problem+json of the gateway responses.
"""

import base64
import json
import threading
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import CustomLocalChalice, LocalChalice, LocalGateway

from chalicelib import texts
from chalicelib.errors import Code
from chalicelib.handlers import edge
from local import roles

BODY_LIMIT_BYTES = 10_000_000
"""API Gateway's own limit; the application's is lower."""

_lock = threading.Lock()


@dataclass(frozen=True)
class GatewayAnswer:
    """What goes back over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class _Match:
    route: str
    captured: dict[str, str]


class Gateway:
    """Serves `app` as API Gateway would. Safe to call from many threads."""

    def __init__(self, app: Chalice) -> None:
        with _lock:
            if not isinstance(app, LocalChalice):
                # As chalice.local does: current_request becomes one per thread.
                CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
                app.__class__ = CustomLocalChalice
        self._gateway = LocalGateway(app, Config(chalice_stage="local"))
        self._app = app
        self._routes = {
            route: route.strip("/").split("/")
            for route in sorted(app.routes)  # concrete ones come before `{`
        }

    def answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> GatewayAnswer:
        """The answer to one request; `target` is the path with its query."""
        path, _, query = target.partition("?")
        match = self._match(path)
        if match is None:
            return problem(404, Code.PATH_UNKNOWN, headers)
        methods = self._app.routes[match.route]
        if method == "OPTIONS" and any(entry.cors for entry in methods.values()):
            return self._preflight(path, headers)
        if method not in methods:  # TRACE, QUERY and the like: refused as PUT or HEAD would be
            method = next(
                (m for m, e in methods.items() if e.view_name.startswith("no_method")), ""
            )
            if not method:
                return problem(405, Code.METHOD_NOT_ALLOWED, headers)
        event = self._event(method, path, query, headers, body)
        event["requestContext"]["resourcePath"] = match.route
        event["pathParameters"] = match.captured
        context = self._gateway._generate_lambda_context()  # noqa: SLF001
        with roles.acting_as(roles.API_FUNCTION):
            return _answer(dict(self._app(event, context)))

    def _match(self, path: str) -> _Match | None:
        parts = path.removesuffix("/").removeprefix("/").split("/")
        for route, wanted in self._routes.items():
            if len(parts) != len(wanted) or not path.startswith("/"):
                continue
            captured = {}
            for part, want in zip(parts, wanted, strict=True):
                if want.startswith("{"):
                    captured[want[1:-1]] = unquote(part)
                    if not part:
                        break
                elif part != want:
                    break
            else:
                return _Match(route, captured)
        return None

    def _preflight(self, path: str, headers: dict[str, str]) -> GatewayAnswer:
        return _answer(dict(self._gateway.handle_request("OPTIONS", path, headers, None)))

    def _event(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> dict[str, Any]:
        lowered = {k.lower(): v for k, v in headers.items()}
        return {
            "requestContext": {
                "httpMethod": method,
                "identity": {
                    "sourceIp": "127.0.0.1",
                    "userAgent": lowered.get("user-agent"),
                },
                "path": path,
                "requestId": str(uuid.uuid4()),
                "stage": "local",
            },
            "headers": lowered,
            "stageVariables": {},
            "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }


def _answer(response: dict[str, Any]) -> GatewayAnswer:
    pairs = [(str(k), str(v)) for k, v in (response.get("headers") or {}).items()]
    for key, values in (response.get("multiValueHeaders") or {}).items():
        pairs += [(str(key), str(value)) for value in values]
    raw = response.get("body") or b""
    body = raw if isinstance(raw, bytes) else str(raw).encode()
    if response.get("isBase64Encoded"):
        body = base64.b64decode(body)
    return GatewayAnswer(int(response["statusCode"]), pairs, body)


def problem(status: int, code: Code, headers: dict[str, str]) -> GatewayAnswer:
    """What the deployed API's gateway responses say, before any function runs."""
    asked = next((v for k, v in headers.items() if k.lower() == "accept-language"), None)
    language = texts.chosen(asked)
    body = {
        "type": edge.PROBLEM_TYPE.format(code=code.value),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": texts.say(language, code.value),
        "code": code.value,
    }
    fixed = {
        "Content-Type": "application/problem+json",
        "Content-Language": language,
        "Cache-Control": "no-store",
        **edge.SECURITY_HEADERS,
    }
    return GatewayAnswer(
        status,
        list(fixed.items()),
        json.dumps(body, ensure_ascii=False).encode(),
    )
