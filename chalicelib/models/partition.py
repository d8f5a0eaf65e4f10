"""Several kinds of items of one partition in one query: the trick that PERF-4 lives of.

pynamodb's `Model.query` reads one kind; here the caller gets raw items with their sort keys and
makes of each the model that it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pynamodb.models import Model

from chalicelib.models.base import connection

M = TypeVar("M", bound=Model)

AFTER_ALL = "\uffff"
"""Sorts after everything that may follow a prefix."""


@dataclass(frozen=True)
class Found:
    """One item as read: its sort key and its attributes in DynamoDB's own form."""

    item: str
    raw: dict[str, Any]

    def as_(self, model: type[M]) -> M:
        """The item as the model that the caller knows it to be."""
        return model.from_raw_data(self.raw)


def between(
    model: type[Model],
    hash_key: str,
    first: str,
    last: str,
    *,
    newest_first: bool = False,
    limit: int | None = None,
) -> Iterator[Found]:
    """The items of one partition of `model`'s table whose sort keys lie in `first`..`last`, inclusive.

    Strongly consistent. One call per megabyte read, made as the iterator is used: with `limit` a
    call reads no more items than that. One read unit per 4 kB read.
    """
    hash_name, range_name = str(model._hash_keyname), str(model._range_keyname)  # noqa: SLF001
    request: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "ConsistentRead": True,
        "ScanIndexForward": not newest_first,
        "KeyConditionExpression": "#h = :h AND #r BETWEEN :first AND :last",
        "ExpressionAttributeNames": {"#h": hash_name, "#r": range_name},
        "ExpressionAttributeValues": {
            ":h": {"S": hash_key},
            ":first": {"S": first},
            ":last": {"S": last},
        },
    }
    if limit is not None:
        request["Limit"] = limit
    while True:
        answer = connection().client._make_api_call("Query", request)  # noqa: SLF001
        for raw in answer["Items"]:
            yield Found(raw[range_name]["S"], raw)
        if not answer.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
