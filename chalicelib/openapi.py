"""The OpenAPI 3.1 document of the API, made from the declared operations and their shapes.

Nothing is written by hand twice: paths, bodies, statuses and security come from `handlers/edge.py`'s
declarations, schemas from pydantic. Costs some tens of milliseconds once per process.
"""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.operations import REFRESH_COOKIES, REFRESH_TOKEN_HEADER, Operation
from chalicelib.shapes.base import PERIOD_PATTERN
from chalicelib.shapes.service import Problem

TITLE = "LKK: the cabinet of a settlement centre"
VERSION = "1.0.0"
_REF = "#/components/schemas/{model}"
_PATH_PATTERNS = {
    "account_number": "^[0-9]{6,20}$",
    "period": PERIOD_PATTERN,
    # Whatever stands here that is no usable challenge is one that is gone (410).
    "challenge_id": "^.+$",
}
_IN_COOKIE = {
    "type": "string",
    "enum": list(REFRESH_COOKIES),
    "description": (
        "For browsers: the refresh token is in an HttpOnly cookie, not in the body. A session-cookie"
        " goes when the browser closes."
    ),
}
_ANY_ID = "^[A-Za-z0-9_.-]{1,200}$"


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document, ready for `json.dumps`."""
    declared = list(operations)
    schemas, components = _schemas(declared)
    paths: dict[str, dict[str, Any]] = {}
    for op in declared:
        paths.setdefault(op.path, {})[op.method.lower()] = _operation(op, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _schemas(
    operations: list[Operation],
) -> tuple[dict[type[BaseModel], dict[str, Any]], dict[str, Any]]:
    asks: set[type[BaseModel]] = {
        shape for op in operations for shape in (op.body, op.query) if shape
    }
    made = {shape for op in operations for shape in op.answers.values() if shape}
    answers: list[type[BaseModel]] = [*made, Problem]
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = []
    modes += [(shape, "validation") for shape in sorted(asks, key=_name)]
    modes += [(shape, "serialization") for shape in sorted(answers, key=_name)]
    refs, definitions = models_json_schema(modes, ref_template=_REF)
    by_shape = {shape: schema for (shape, _), schema in refs.items()}
    return by_shape, definitions.get("$defs", {})  # type: ignore[return-value]  # keyed by model


def _name(shape: type[BaseModel]) -> str:
    return shape.__name__


def _operation(op: Operation, schemas: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    title, _, rest = op.summary.partition("\n")
    described: dict[str, Any] = {
        "operationId": op.name,
        "tags": [op.path.split("/")[2]],
        "summary": title.strip(),
        "parameters": _parameters(op),
        "responses": _responses(op, schemas),
        "security": [{"bearer": []}] if op.signed_in else [],
    }
    if rest.strip():
        described["description"] = re.sub(r"\n +", "\n", rest).strip()
    if op.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[op.body]}},
        }
    return described


def _parameters(op: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in re.findall(r"{(\w+)}", op.path):
        pattern = _PATH_PATTERNS.get(name, _ANY_ID)
        found.append(
            _parameter("path", name, {"type": "string", "pattern": pattern}, required=True)
        )
    if op.query is not None:
        schema = op.query.model_json_schema(ref_template=_REF)
        for field, described in schema["properties"].items():
            name = "from" if field == "from_" else field
            plain = {k: v for k, v in described.items() if k not in ("title", "default")}
            found.append(
                _parameter("query", name, plain, required=field in schema.get("required", []))
            )
    if op.idempotency is not None and op.signed_in:
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        # A dry run needs no key, so a body that may ask for one leaves the header optional here.
        needed = op.idempotency == "required" and "dry_run" not in _fields(op.body)
        found.append(_parameter("header", "Idempotency-Key", key, required=needed))
    if op.refresh_cookie:
        found.append(_parameter("header", REFRESH_TOKEN_HEADER, _IN_COOKIE, required=False))
    if op.raw_header is not None:
        found.append(_parameter("header", op.raw_header, {"type": "string"}, required=True))
    return found


def _fields(shape: type[BaseModel] | None) -> Iterable[str]:
    return shape.model_fields if shape is not None else ()


def _parameter(where: str, name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"in": where, "name": name, "required": required, "schema": schema}


def _responses(op: Operation, schemas: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, shape in op.answers.items():
        answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if shape is not None:
            answer["content"] = {op.media_type: {"schema": schemas[shape]}}
        elif op.media_type != "application/json":
            answer["content"] = {op.media_type: {"schema": {"type": "string"}}}
        answers[str(status)] = answer
    if op.method == "GET":
        answers["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    for status in op.all_refusals:
        answer = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": schemas[Problem]}},
        }
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            answer["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}
            }
        answers[str(status)] = answer
    return answers
