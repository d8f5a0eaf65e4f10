"""Automatic payments, in the account's partition: the agreement, its months, and what is tried again.

| `item`                           | what                                              | model        |
|----------------------------------|---------------------------------------------------|--------------|
| `mandate#<client>`               | one client's agreement for the account            | `Mandate`    |
| `occurrence#<client>#<month>`    | what became of one month: at most one per month   | `Occurrence` |
| `retry#<client>`                 | a refused charge that is to be tried again        | `Retry`      |

An active mandate stands in the index `due` under its day of month, for ever the same: what falls
due is found without anything being rewritten every month. A retry stands there under its date.
"""

import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)

from chalicelib.models.accounts_table import DUE_SHARDS, AccountItem, AccountsTableMeta
from chalicelib.models.base import connection
from chalicelib.models.partition import AFTER_ALL, between

WAITING: Final = "waiting_for_card"
ACTIVE: Final = "active"
PAUSED: Final = "paused"
CANCELLED: Final = "cancelled"

PENDING: Final = "pending"
PAID: Final = "paid"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"

RETRY_SHARDS: Final = 4
"""Of one date: a few per cent of a day's charges are refused."""


class Mandate(AccountItem):
    """A client's agreement to be charged every month. Item `mandate#<client_id>`."""

    mandate_id = UnicodeAttribute()
    """New with every set-up, so that nothing meant for an earlier agreement can touch this one."""
    client_id = UnicodeAttribute()
    status = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    """Why it is paused."""
    amount = NumberAttribute(null=True)
    """Kopecks every month; None: the bill."""
    up_to = NumberAttribute(null=True)
    with_insurance = BooleanAttribute(default=False)
    return_url = UnicodeAttribute(null=True)
    language = UnicodeAttribute(default="ru")

    customer_id = UnicodeAttribute(null=True)
    card_id = UnicodeAttribute(null=True)
    card_brand = UnicodeAttribute(null=True)
    card_last4 = UnicodeAttribute(null=True)

    day = NumberAttribute(null=True)
    """The Moscow day of month on which the card was confirmed."""
    first_month = UnicodeAttribute(null=True)
    """`2026-12`: no charge is made for earlier ones."""
    last_month = UnicodeAttribute(null=True)
    """The newest month that was dealt with; its `Occurrence` says how."""

    setup_number = NumberAttribute(default=0)
    """Counts the pages to save a card on that were made for it."""
    setup_url = UnicodeAttribute(null=True)
    setup_until = UTCDateTimeAttribute(null=True)
    """When that page stops working."""
    created_at = UTCDateTimeAttribute()
    version = VersionAttribute()


class Occurrence(AccountItem):
    """One month of a mandate. Put once (condition: absent): this is what makes a month one charge."""

    client_id = UnicodeAttribute()
    mandate_id = UnicodeAttribute()
    month = UnicodeAttribute()
    status = UnicodeAttribute()
    """`pending`, `paid`, `failed` or `skipped`."""
    reason = UnicodeAttribute(null=True)
    amount = NumberAttribute(null=True)
    attempt = NumberAttribute(default=0)
    payment_id = UnicodeAttribute(null=True)
    """The newest attempt's."""
    first_tried_on = UnicodeAttribute(null=True)
    next_try_on = UnicodeAttribute(null=True)
    """Of a failed month, or of one skipped while another holder's charge was under way."""
    at = UTCDateTimeAttribute()


class Retry(AccountItem):
    """A charge to be tried, or tried again, on a day. Item `retry#<client_id>`; gone once it is claimed."""

    mandate_id = UnicodeAttribute()
    month = UnicodeAttribute()
    attempt = NumberAttribute()
    """The number that the next try will have."""
    on = UnicodeAttribute()
    """The Moscow day from which it may be tried."""
    waits = NumberAttribute(default=0)
    """How often it was put off because another holder's charge was under way."""


def mandate_item(client_id: str) -> str:
    """The sort key of a client's mandate."""
    return f"mandate#{client_id}"


def occurrence_item(client_id: str, month: str) -> str:
    """The sort key of one month."""
    return f"occurrence#{client_id}#{month}"


def retry_item(client_id: str) -> str:
    """The sort key of what a client's mandate has to try again."""
    return f"retry#{client_id}"


def newest_occurrence(account_number: str, client_id: str) -> Occurrence | None:
    """The newest month of a client's mandates on the account. One query of one item."""
    first = occurrence_item(client_id, "")
    found = between(
        Occurrence, account_number, first, first + AFTER_ALL, newest_first=True, limit=1
    )
    return next((each.as_(Occurrence) for each in found), None)


def due_key(day: int, account_number: str) -> str:
    """`due` of an active mandate."""
    return f"autopay#{day:02d}#{_shard(account_number, DUE_SHARDS):02d}"


def retry_key(on: date, account_number: str) -> str:
    """`due` of a retry."""
    return f"autopay-retry#{on.isoformat()}#{_shard(account_number, RETRY_SHARDS):02d}"


def due_on_day(day: int) -> Iterator[tuple[str, str]]:
    """(account number, client id) of the active mandates of one day of month.

    One call per page of about 8,000, at least one per shard. Eventually consistent: the worker
    reads the mandate itself.
    """
    return _due(f"autopay#{day:02d}", DUE_SHARDS)


def retries_on(day: date) -> Iterator[tuple[str, str]]:
    """(account number, client id) of what is to be tried again on one date; costs as above."""
    return _due(f"autopay-retry#{day.isoformat()}", RETRY_SHARDS)


def _due(prefix: str, shards: int) -> Iterator[tuple[str, str]]:
    for shard in range(shards):
        request: dict[str, Any] = {
            "TableName": AccountsTableMeta.table_name,
            "IndexName": "due",
            "KeyConditionExpression": "#due = :due",
            "ExpressionAttributeNames": {"#due": "due"},
            "ExpressionAttributeValues": {":due": {"S": f"{prefix}#{shard:02d}"}},
        }
        while True:
            answer = connection().client._make_api_call("Query", request)  # noqa: SLF001
            for raw in answer["Items"]:
                yield raw["account_number"]["S"], raw["item"]["S"].partition("#")[2]
            if not answer.get("LastEvaluatedKey"):
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _shard(account_number: str, shards: int) -> int:
    return zlib.crc32(account_number.encode()) % shards
