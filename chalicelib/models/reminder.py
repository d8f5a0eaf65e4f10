"""Where an account stands in the index `due` for reminders of readings.

Items `reminder#<place>` of the account's partition, one per place of `rules/reminders.py`; `due` is
`remind#<place>#<shard>`. Made with the first proven holder, changed when the window does.
"""

import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from pynamodb.attributes import NumberAttribute

from chalicelib.models.accounts_table import DUE_SHARDS, AccountItem, AccountsTableMeta
from chalicelib.models.base import connection
from chalicelib.models.partition import AFTER_ALL, between

_ITEM: Final = "reminder#"
_DATED: Final = "on#"
_KEPT: Final = timedelta(days=30)


class ReminderPlace(AccountItem):
    """One place. Item `reminder#<place>`."""

    ttl = NumberAttribute(null=True)
    """Places of single days go by themselves."""

    @property
    def place(self) -> str:
        """The place that it stands for."""
        return str(self.item).removeprefix(_ITEM)


def reminder_place(account_number: str, place: str) -> ReminderPlace:
    """The item of one place, not stored. Putting it again changes nothing."""
    return ReminderPlace(
        account_number,
        f"{_ITEM}{place}",
        due=_due(place, zlib.crc32(account_number.encode()) % DUE_SHARDS),
        ttl=_gone_at(place),
    )


def places_kept(account_number: str) -> list[ReminderPlace]:
    """Every place of an account. One query."""
    found = between(ReminderPlace, account_number, _ITEM, _ITEM + AFTER_ALL)
    return [each.as_(ReminderPlace) for each in found]


def accounts_at(place: str, shard: int) -> Iterator[str]:
    """Numbers of the accounts at a place, of one shard. One call per page of about 8,000.

    Eventually consistent: whoever is found is looked at again.
    """
    request: dict[str, Any] = {
        "TableName": AccountsTableMeta.table_name,
        "IndexName": "due",
        "KeyConditionExpression": "#due = :due",
        "ExpressionAttributeNames": {"#due": "due"},
        "ExpressionAttributeValues": {":due": {"S": _due(place, shard)}},
    }
    while True:
        answer = connection().client._make_api_call("Query", request)  # noqa: SLF001
        for raw in answer["Items"]:
            yield raw["account_number"]["S"]
        if not answer.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _due(place: str, shard: int) -> str:
    return f"remind#{place}#{shard:02d}"


def _gone_at(place: str) -> int | None:
    if not place.startswith(_DATED):
        return None
    day = date.fromisoformat(place.removeprefix(_DATED))
    return int((datetime.combine(day, time(), UTC) + _KEPT).timestamp())
