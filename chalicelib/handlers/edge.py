"""The one place where HTTP meets the application: reading, identity, errors, caching, idempotency.

A handler declares its door with `operation` and gets a checked `Request`; it answers with a shape.
Everything declared here is also what `openapi.py` publishes.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from chalice.app import Blueprint, Chalice, MultiDict, Response
from chalice.app import Request as ChaliceRequest
from pydantic import BaseModel, ValidationError

from chalicelib import clock, texts
from chalicelib.config import settings
from chalicelib.errors import (
    AppError,
    BodyTooLarge,
    Code,
    FieldError,
    MethodNotAllowed,
    NotSignedIn,
    Refused,
    Unreadable,
    UnsupportedMediaType,
)
from chalicelib.observability import log, request_finished, request_started
from chalicelib.operations import Idempotency, Operation
from chalicelib.services import idempotency
from chalicelib.services.callers import Caller, caller_of
from chalicelib.services.tokens import keyed_hash, same
from chalicelib.shapes.base import NoFields
from chalicelib.shapes.refusals import field_errors
from chalicelib.tracing import span

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PROBLEM_TYPE = "https://lkk.example/problems/{code}"
ORIGIN_KEY_HEADER = "x-origin-key"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
MOMENT_HEADER = "Lkk-Now"
"""Our present moment, in every good answer: devices whose clock is wrong count days by it."""

B = TypeVar("B", bound=BaseModel | None)
Q = TypeVar("Q", bound=BaseModel | None)


@dataclass(frozen=True)
class Request(Generic[B, Q]):
    """What a handler gets: checked body and query, who asks, and where from."""

    body: B
    query: Q
    _caller: Caller | None
    language: texts.Language
    address: str
    user_agent: str
    idempotency_key: str | None
    raw_body: bytes
    headers: dict[str, str]
    once: idempotency.Ask | None = None
    """The use of its Idempotency-Key, for an operation that keeps its own answer."""

    @property
    def caller(self) -> Caller:
        """Who is signed in. Only in operations that ask for it."""
        assert self._caller is not None
        return self._caller


@dataclass(frozen=True)
class Answer:
    """An answer with another status than the operation's usual one, or with headers."""

    body: BaseModel | str | None
    """A shape, or text that is sent as it is (with its own Content-Type)."""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


OPERATIONS: list[Operation] = []
"""Every declared operation, in order of declaration."""


def operation(  # noqa: PLR0913 - a declaration: every argument is named and most have defaults
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    answers: dict[int, type[BaseModel] | None],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    refusals: tuple[int, ...] = (),
    signed_in: bool = True,
    idempotency: Idempotency | None = None,
    own_idempotency: bool = False,
    media_type: str = "application/json",
    raw_header: str | None = None,
    refresh_cookie: bool = False,
    body_limit_bytes: int = 64_000,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a handler as the operation `method path`.

    `answers` maps statuses to shapes; the first is the usual one. `refusals` are the statuses of
    its own refusals (400, 401, 413, 415 and the like are added by themselves). `idempotency` says
    whether a POST takes an Idempotency-Key; with `own_idempotency` its service keeps the answer in
    the same transaction as the effect, else the edge keeps it. `refresh_cookie`: a browser may have
    the refresh token in a cookie.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        declared = Operation(
            name=view.__name__,
            method=method,
            path=path,
            summary=(view.__doc__ or view.__name__).strip(),
            body=body,
            query=query,
            answers=answers,
            refusals=refusals,
            signed_in=signed_in,
            idempotency=idempotency,
            own_idempotency=own_idempotency,
            media_type=media_type,
            raw_header=raw_header,
            refresh_cookie=refresh_cookie,
            body_limit_bytes=body_limit_bytes,
        )
        OPERATIONS.append(declared)

        def door(**path_params: str) -> Response:
            return _serve(declared, view, blueprint.current_request, path_params)

        door.__name__ = view.__name__
        door.__doc__ = view.__doc__
        blueprint.route(path, methods=[method], content_types=["*/*"], name=view.__name__)(door)
        return view

    return declare


def _serve(
    op: Operation,
    view: Callable[..., Any],
    raw: ChaliceRequest,
    path_params: dict[str, str],
) -> Response:
    headers = {str(k).lower(): str(v) for k, v in raw.headers.items()}
    language = texts.chosen(headers.get("accept-language"))
    started = request_started(op.name, raw.context.get("requestId"))
    code = None
    try:
        request = _read(op, raw, headers, language)
        with span(op.name):
            response = _answer(op, view, request, path_params)
    except AppError as exc:
        code = exc.code.value
        response = problem(exc, language)
    except Exception:  # noqa: BLE001 - the last resort: loud in the log, silent to the caller
        log.exception("unexpected error")
        code = Code.INTERNAL.value
        response = problem(AppError(Code.INTERNAL), language)
    request_finished(op.name, started, response.status_code, code)
    return response


def _answer(
    op: Operation, view: Callable[..., Any], request: Request[Any, Any], path_params: dict[str, str]
) -> Response:
    if op.idempotency is None or not request.idempotency_key or not op.signed_in:
        return _respond(op, view(request, **path_params), request)
    once = idempotency.Ask(
        client_id=request.caller.client_id,
        key=request.idempotency_key,
        fingerprint=fingerprint(op, request, path_params),
    )
    request = replace(request, once=once)
    if op.own_idempotency:
        return _respond(op, view(request, **path_params), request)
    return _kept(op, view, request, path_params)


def _kept(
    op: Operation, view: Callable[..., Any], request: Request[Any, Any], path_params: dict[str, str]
) -> Response:
    """The first answer again, or the view's, kept. Costs two writes beside the view's own."""
    record = request.once
    assert record is not None
    kept = idempotency.claim(record, clock.now())
    if kept is not None:
        return _response(kept.status, kept.body.encode() if kept.body else None)
    try:
        response = _respond(op, view(request, **path_params), request)
    except BaseException:
        idempotency.release(record)
        raise
    body = response.body
    idempotency.keep(record, response.status_code, body if isinstance(body, str) else "")
    return response


def fingerprint(op: Operation, request: Request[Any, Any], path_params: dict[str, str]) -> str:
    """What makes two requests under one key the same: operation, path and body as read.

    It is stored, and bodies carry passwords and codes: hence a hash under the server's key.
    """
    body = request.body.model_dump_json() if request.body is not None else ""
    return keyed_hash("request", op.name, json.dumps(path_params, sort_keys=True), body)


def _read(
    op: Operation, raw: ChaliceRequest, headers: dict[str, str], language: texts.Language
) -> Request[Any, Any]:
    raw_body = raw.raw_body or b""
    if isinstance(raw_body, str):
        raw_body = raw_body.encode()
    if len(raw_body) > op.body_limit_bytes:
        raise BodyTooLarge(Code.BODY_TOO_LARGE, limit_bytes=op.body_limit_bytes)
    caller = caller_of(headers.get("authorization"), clock.now()) if op.signed_in else None
    body = _body(op, raw_body, headers)
    key = headers.get("idempotency-key")
    if op.idempotency is not None and key is not None and not re.fullmatch(r"[!-~]{1,255}", key):
        raise Unreadable(Code.IDEMPOTENCY_KEY_INVALID)
    if op.idempotency == "required" and key is None and not getattr(body, "dry_run", False):
        raise Unreadable(Code.IDEMPOTENCY_KEY_REQUIRED)
    return Request(
        body=body,
        query=_query(op, raw),
        _caller=caller,
        language=language,
        address=address_of(
            str(raw.context.get("identity", {}).get("sourceIp") or ""),
            headers.get("x-forwarded-for", ""),
            through_ours=_through_ours(headers),
        ),
        user_agent=headers.get("user-agent", "")[:300],
        idempotency_key=key,
        raw_body=raw_body,
        headers=headers,
    )


def _body(op: Operation, raw_body: bytes, headers: dict[str, str]) -> BaseModel | None:
    if not op.reads_a_body or (op.body is None and not raw_body.strip()):
        return None
    media_type = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType(Code.UNSUPPORTED_MEDIA_TYPE)
    try:
        value = json.loads(
            raw_body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_one_object
        )
    except (ValueError, RecursionError) as exc:
        raise Unreadable(Code.MALFORMED_JSON) from exc
    read = _checked(op.body or NoFields, value)
    return read if op.body else None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _one_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once: of two, each reader would take its own."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError
    return made


def _query(op: Operation, raw: ChaliceRequest) -> BaseModel | None:
    if op.query is None:
        return None
    values: dict[str, Any] = {}
    params = raw.query_params or MultiDict(None)
    for name in params:
        if name == "from_":  # how the shape spells `from`, which is a word of Python
            raise Refused(Code.INVALID_REQUEST, errors=(FieldError(name, Code.UNKNOWN_FIELD),))
        every = params.getlist(name)
        if len(every) > 1:
            raise Refused(Code.INVALID_REQUEST, errors=(FieldError(name, Code.FIELD_INVALID),))
        values["from_" if name == "from" else name] = every[0]
    return _checked(op.query, values)


def _checked(shape: type[BaseModel], value: Any) -> BaseModel:
    try:
        return shape.model_validate(value)
    except ValidationError as exc:
        raise Refused(Code.INVALID_REQUEST, errors=field_errors(exc)) from exc


def address_of(source: str, forwarded_for: str, *, through_ours: bool) -> str:
    """The client's address as our distribution saw it, else `source`, who called API Gateway.

    Each hop adds to the end of `X-Forwarded-For` whom it saw: the distribution the client, then API
    Gateway the distribution. What stands before came from the client and does not count.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    if hops and hops[-1] == source:
        hops.pop()
    return hops[-1] if through_ours and hops else source


def _through_ours(headers: dict[str, str]) -> bool:
    """Whether our distribution passed the request on; API Gateway's own address is open to all."""
    key = settings().ORIGIN_KEY
    return key is not None and same(headers.get(ORIGIN_KEY_HEADER, ""), key)


def _respond(op: Operation, given: Any, request: Request[Any, Any]) -> Response:
    answer: Answer = given if isinstance(given, Answer) else Answer(given)
    status = answer.status or next(iter(op.answers))
    headers = {"Content-Type": op.media_type, **answer.headers}
    body = None
    if isinstance(answer.body, str):
        body = answer.body.encode()
    elif answer.body is not None:
        body = answer.body.model_dump_json().encode()
    if op.method == "GET" and body is not None:
        tag = f'"{base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:18]).decode()}"'
        headers |= {"ETag": tag, "Cache-Control": "private, no-cache"}
        asked = request.headers.get("if-none-match", "")
        # "*" is any representation there is (RFC 9110, 13.1.2).
        if {tag, "*"} & {t.strip().removeprefix("W/") for t in asked.split(",")}:
            return _response(HTTPStatus.NOT_MODIFIED, None, headers)
    return _response(status, body, headers)


def _response(status: int, body: bytes | None, headers: dict[str, str] | None = None) -> Response:
    all_headers: dict[str, str | list[str]] = {
        "Cache-Control": "no-store",
        MOMENT_HEADER: f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
        **SECURITY_HEADERS,
        **(headers or {}),
    }
    if body is None:
        return Response(body="", status_code=status, headers=all_headers)
    all_headers.setdefault("Content-Type", "application/json")
    return Response(body=body.decode(), status_code=status, headers=all_headers)


def refuse_other_methods(app: Chalice) -> None:
    """Answer 405 with `Allow` on every method that a known path does not have.

    API Gateway tells a missing method from a missing path by nothing ("Missing Authentication
    Token" for both), so the methods have to exist to be refused.
    """
    for number, (path, entries) in enumerate(sorted(app.routes.items())):
        allowed = sorted(entries)
        others = [method for method in METHODS if method not in allowed]

        def door(_allowed: tuple[str, ...] = tuple(allowed), **_: str) -> Response:
            assert app.current_request is not None
            asked = app.current_request.headers.get("accept-language")
            answer = problem(MethodNotAllowed(Code.METHOD_NOT_ALLOWED), texts.chosen(asked))
            answer.headers["Allow"] = ", ".join(_allowed)
            return answer

        app.route(path, methods=others, content_types=["*/*"], name=f"no_method_{number}")(door)


def problem(error: AppError, language: texts.Language) -> Response:
    """`error` as application/problem+json (RFC 9457) in `language`."""
    body: dict[str, Any] = {
        "type": PROBLEM_TYPE.format(code=error.code.value),
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": texts.say(language, error.code.value, **error.params),
        "code": error.code.value,
        **error.extra,
    }
    if error.errors:
        body["errors"] = [
            {
                "field": e.field,
                "code": e.code.value,
                "detail": texts.say(language, e.code.value, **e.params),
            }
            for e in error.errors
        ]
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/problem+json",
        "Content-Language": language,
        "Cache-Control": "no-store",
        **SECURITY_HEADERS,
    }
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        body=json.dumps(body, ensure_ascii=False), status_code=error.status, headers=headers
    )
