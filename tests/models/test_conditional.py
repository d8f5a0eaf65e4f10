"""A lone conditional update that meets somebody's transaction."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib.models.base import Refusal, connection
from chalicelib.models.conditional import update_alone
from chalicelib.models.limits import Limit


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


@pytest.fixture
def conflicts() -> Iterator[list[int]]:
    """How many of the next updates DynamoDB refuses as in conflict with a transaction."""
    left = [0]

    def answer(**_: Any) -> AWSResponse | None:
        if left[0] == 0:
            return None
        left[0] -= 1
        body = b'{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}'
        return AWSResponse("http://dynamodb.example", 400, HTTPHeaders(), _Raw(body))

    hooks: Any = connection().client.meta.events
    hooks.register("before-send.dynamodb.UpdateItem", answer)
    yield left
    hooks.unregister("before-send.dynamodb.UpdateItem", answer)


def test_it_is_tried_again(conflicts: list[int]) -> None:
    conflicts[0] = 3

    raw = update_alone(
        "one", Limit(uuid.uuid4().hex), [Limit.used.add(1)], Limit.used.does_not_exist()
    )

    assert raw["used"] == {"N": "1"}


def test_a_refusal_after_a_conflict_is_a_refusal(conflicts: list[int]) -> None:
    item = Limit(uuid.uuid4().hex)
    update_alone("one", item, [Limit.used.add(1)], Limit.used.does_not_exist())
    conflicts[0] = 1

    with pytest.raises(Refusal) as refused:
        update_alone("one", item, [Limit.used.add(1)], Limit.used.does_not_exist())

    assert (refused.value.item("one") or {})["used"] == {"N": "1"}
