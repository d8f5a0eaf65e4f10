"""Transactions that meet others on the same items. No local engine ever answers so; DynamoDB does."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib.errors import Unavailable
from chalicelib.models.base import Transaction, connection
from chalicelib.models.limits import Limit

CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
    "[TransactionConflict]",
    "CancellationReasons": [{"Code": "TransactionConflict", "Message": "Transaction is ongoing"}],
}


class _Raw:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield json.dumps(CANCELLED).encode()


@pytest.fixture
def conflicts() -> Iterator[list[int]]:
    """How many of the next transactions DynamoDB cancels as in conflict."""
    left = [0]

    def answer(**_: Any) -> AWSResponse | None:
        if left[0] == 0:
            return None
        left[0] -= 1
        return AWSResponse("http://dynamodb.example", 400, HTTPHeaders(), _Raw())

    hooks: Any = connection().client.meta.events
    hooks.register("before-send.dynamodb.TransactWriteItems", answer)
    yield left
    hooks.unregister("before-send.dynamodb.TransactWriteItems", answer)


def _one_use(item: Limit) -> Transaction:
    transaction = Transaction()
    transaction.update("use", item, [Limit.used.add(1)], Limit.used.does_not_exist())
    return transaction


def test_a_conflict_is_met_by_trying_again(conflicts: list[int]) -> None:
    item = Limit(uuid.uuid4().hex)
    conflicts[0] = 3

    _one_use(item).commit()

    assert Limit.get(item.limit).used == 1


def test_conflicts_without_end_are_told_as_something_to_try_again(conflicts: list[int]) -> None:
    item = Limit(uuid.uuid4().hex)
    conflicts[0] = 1_000

    with pytest.raises(Unavailable) as unavailable:
        _one_use(item).commit()

    conflicts[0] = 0
    assert unavailable.value.status == 503
    assert list(Limit.query(item.limit)) == []
