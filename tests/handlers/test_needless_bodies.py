"""Operations that need no body take none that means anything."""

from collections.abc import Callable

import httpx
import pytest

import app  # noqa: F401 - declares the operations
from chalicelib.handlers.edge import OPERATIONS
from chalicelib.operations import Operation
from tests.builders import Person

NEEDLESS = [op for op in OPERATIONS if op.reads_a_body and op.body is None]
JSON = {"Content-Type": "application/json"}


def ids(path: str) -> str:
    """`path` with ids that nobody has."""
    for name in ("account_number", "payment_id", "reading_id", "session_id", "card_id", "kind"):
        path = path.replace(f"{{{name}}}", "terms" if name == "kind" else "12345678")
    return path


@pytest.mark.parametrize("op", NEEDLESS, ids=lambda op: op.name)
@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"x": 1}', JSON, 422, "invalid_request"),
        (b"[]", JSON, 422, "invalid_request"),
        (b"{bad", JSON, 400, "malformed_json"),
        (b"hello", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b" " * 64_001, JSON, 413, "body_too_large"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(
    api: httpx.Client,
    person: Callable[..., Person],
    op: Operation,
    *,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    asked = {**person().headers, **headers}
    path = ids(op.path)

    answer = api.request(op.method, path, content=body, headers=asked)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nothing_and_an_empty_object_say_the_same(
    api: httpx.Client, person: Callable[..., Person]
) -> None:
    for body in (b"", b"{}", b" \n"):
        answer = api.put(
            "/v1/me/consents/terms", content=body, headers={**person().headers, **JSON}
        )
        assert answer.status_code == 200, answer.text
