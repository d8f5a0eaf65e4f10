"""What leaves for the billing on a day, and how far days have left (imports table, `exports`)."""

from collections.abc import Iterator
from datetime import date
from typing import Final, TypeVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.models import Model

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.base import connection
from chalicelib.models.imports import ImportsItem

M = TypeVar("M", bound=Model)
_KEY: Final = ("exports", "cursor")


class ExportCursor(ImportsItem):
    """The last day whose files have left. Under `exports`, item `cursor`."""

    day = UnicodeAttribute()


def exported_until() -> date | None:
    """The last day whose files have left; None before the first. One read."""
    try:
        return date.fromisoformat(ExportCursor.get(*_KEY, consistent_read=True).day)
    except DoesNotExist:
        return None


def mark_exported(day: date) -> None:
    """The files of `day` have left. One write."""
    ExportCursor(*_KEY, day=day.isoformat()).save()


def items_of(model: type[M], kind: str, day: date, shards: int) -> Iterator[M]:
    """What the index `export` names for a day, shard by shard, each in the order of its keys.

    One query per shard and megabyte; eventually consistent.
    """
    for shard in range(shards):
        request = {
            "TableName": AccountItem.Meta.table_name,
            "IndexName": "export",
            "KeyConditionExpression": "#e = :e",
            "ExpressionAttributeNames": {"#e": "export"},
            "ExpressionAttributeValues": {":e": {"S": f"{kind}#{day.isoformat()}#{shard:02d}"}},
        }
        while True:
            answer = connection().client._make_api_call("Query", request)  # noqa: SLF001
            for raw in answer["Items"]:
                yield model.from_raw_data(raw)
            if not answer.get("LastEvaluatedKey"):
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
