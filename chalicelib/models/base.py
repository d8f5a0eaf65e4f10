"""What every table shares: one connection per process, short timeouts, transactions with named parts.

Nothing here knows a business rule. A write's condition holds the invariant; `Transaction` tells
which of its parts refused, so that a service can say why.
"""

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from botocore.exceptions import ClientError
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.config import settings
from chalicelib.errors import Code, Unavailable

_connection: Connection | None = None

CONFLICT_TRIES = 8
"""Tries of one transaction that meets another one on the same item, over about two seconds."""


class TableMeta:
    """Inherited by each `Meta`. Library defaults (15 s, 30 s) outlive API Gateway's 29 s."""

    region = settings().AWS_DEFAULT_REGION
    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 3


def connection() -> Connection:
    """The process's one connection to DynamoDB, opened at the first call."""
    global _connection
    if _connection is None:
        _connection = Connection(
            region=TableMeta.region,
            connect_timeout_seconds=TableMeta.connect_timeout_seconds,
            read_timeout_seconds=TableMeta.read_timeout_seconds,
            max_retry_attempts=TableMeta.max_retry_attempts,
            max_pool_connections=50,
        )
    return _connection


class Item(Model):
    """Base of every stored item: all models share one connection (each of its own costs a client)."""

    class Meta(TableMeta):
        table_name = ""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        made = super()._get_connection()
        shared = connection()
        if made.connection is not shared:
            # Kinds of items of one table describe it alike; the last description stands.
            shared._tables[cls.Meta.table_name] = made.connection.get_meta_table(  # noqa: SLF001
                cls.Meta.table_name
            )
            made.connection = shared
        return made


@dataclass(frozen=True)
class Reason:
    """Why one part of a transaction was refused: its label and, if asked for, the item that stood there."""

    label: str
    item: dict[str, Any] | None


class Refusal(Exception):
    """A condition did not hold; nothing was written. `labels` name the parts that refused."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(r.label for r in reasons))
        self.reasons = tuple(reasons)
        self.labels = frozenset(r.label for r in reasons)

    def item(self, label: str) -> dict[str, Any] | None:
        """The raw item that made `label` refuse, when the part asked for it."""
        return next((r.item for r in self.reasons if r.label == label), None)


@dataclass(frozen=True)
class _Part:
    kind: Literal["check", "delete", "put", "update"]
    label: str
    model: Model
    condition: Condition | None
    actions: list[Action]


class Transaction:
    """Up to 100 writes that all happen or none does: one call, two write units per kB and part.

    >>> t = Transaction()
    >>> t.put("payment", payment, Payment.payment_id.does_not_exist())
    >>> t.update("account", account, [Account.name.set("Дача")], Account.item.exists())
    >>> t.commit()  # raises Refusal naming "payment", "account" or both
    """

    _ORDER: ClassVar = {"check": 0, "delete": 1, "put": 2, "update": 3}

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def check(self, label: str, model: Model, condition: Condition) -> None:
        """Only look: the whole is refused unless `condition` holds for the item with `model`'s key."""
        self._parts.append(_Part("check", label, model, condition, []))

    def put(self, label: str, model: Model, condition: Condition | None = None) -> None:
        """Store `model` whole."""
        self._parts.append(_Part("put", label, model, condition, []))

    def update(
        self, label: str, model: Model, actions: list[Action], condition: Condition | None = None
    ) -> None:
        """Change attributes of the item with `model`'s key; it is made when absent and allowed to be."""
        self._parts.append(_Part("update", label, model, condition, actions))

    def delete(self, label: str, model: Model, condition: Condition | None = None) -> None:
        """Remove the item with `model`'s key."""
        self._parts.append(_Part("delete", label, model, condition, []))

    def __len__(self) -> int:
        return len(self._parts)

    def commit(self) -> None:
        """Write all parts. Raises `Refusal`; meets conflicts with bounded, jittered retries.

        Raises Unavailable when other transactions held the same items all the time: nothing was
        written, and trying again can help.

        A retry is safe because each transaction of this product carries a condition that its own
        success makes false, or writes the same values again.
        """
        for attempt in range(CONFLICT_TRIES):
            try:
                self._write()
            except TransactWriteError as exc:
                reasons = exc.cancellation_reasons
                refused = [
                    Reason(part.label, reason.raw_item)
                    for part, reason in zip(self._ordered(), reasons, strict=False)
                    if reason is not None and reason.code == "ConditionalCheckFailed"
                ]
                if refused:
                    raise Refusal(refused) from exc
                if not _worth_retrying(exc):
                    raise
                if attempt == CONFLICT_TRIES - 1:
                    raise Unavailable(Code.TRY_AGAIN, retry_after_seconds=1) from exc
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311
            else:
                return

    def _ordered(self) -> list[_Part]:
        return sorted(self._parts, key=lambda part: self._ORDER[part.kind])

    def _write(self) -> None:
        with TransactWrite(connection=connection()) as t:
            for part in self._ordered():
                if part.kind == "check":
                    assert part.condition is not None
                    hash_key, range_key = _keys(part.model)
                    t.condition_check(type(part.model), hash_key, range_key, part.condition)
                elif part.kind == "put":
                    t.save(part.model, condition=part.condition, return_values="ALL_OLD")
                elif part.kind == "update":
                    # A copy: pynamodb adds the version's action to the list, at every try.
                    actions = list(part.actions)
                    t.update(part.model, actions, condition=part.condition, return_values="ALL_OLD")
                else:
                    t.delete(part.model, condition=part.condition)


def _keys(model: Model) -> tuple[Any, Any]:
    serialized = model._get_hash_range_key_serialized_values()  # noqa: SLF001
    return serialized[0], serialized[1]


def _worth_retrying(exc: TransactWriteError) -> bool:
    codes = {reason.code for reason in exc.cancellation_reasons if reason is not None}
    return bool(codes & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


def condition_failed(exc: Exception) -> bool:
    """Whether a pynamodb put, update or delete error is a condition that did not hold."""
    cause = getattr(exc, "cause", None)
    return (
        isinstance(cause, ClientError)
        and cause.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException"
    )


def batch_get(keys: Iterable[tuple[type[Model], str, str | None]]) -> list[Model | None]:
    """Read up to 100 items of any tables by key, strongly consistent, in one call; None where absent.

    Answers in the order asked. Costs one read unit per 4 kB and item.
    """
    wanted = list(dict.fromkeys(keys))
    request: dict[str, Any] = {}
    for model, hash_key, range_key in wanted:
        table = request.setdefault(model.Meta.table_name, {"Keys": [], "ConsistentRead": True})
        table["Keys"].append(_raw_key(model, hash_key, range_key))
    found: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for _ in range(CONFLICT_TRIES):
        answer = connection().client._make_api_call(  # noqa: SLF001
            "BatchGetItem", {"RequestItems": request}
        )
        for table_name, items in answer["Responses"].items():
            for item in items:
                found[_found_key(table_name, item, wanted)] = item
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            break
        time.sleep(0.05)
    results: list[Model | None] = []
    for model, hash_key, range_key in wanted:
        raw = found.get((model.Meta.table_name, hash_key, range_key))
        results.append(model.from_raw_data(raw) if raw is not None else None)
    by_key = dict(zip(wanted, results, strict=True))
    return [by_key[key] for key in wanted]


def _raw_key(model: type[Model], hash_key: str, range_key: str | None) -> dict[str, Any]:
    key: dict[str, Any] = {str(model._hash_keyname): {"S": hash_key}}  # noqa: SLF001
    if range_key is not None:
        key[str(model._range_keyname)] = {"S": range_key}  # noqa: SLF001
    return key


def _found_key(
    table_name: str, item: dict[str, Any], wanted: list[tuple[type[Model], str, str | None]]
) -> tuple[str, str, str | None]:
    model = next(m for m, _, _ in wanted if m.Meta.table_name == table_name)
    hash_name, range_name = str(model._hash_keyname), model._range_keyname  # noqa: SLF001
    hash_key = item[hash_name]["S"]
    range_key = item[range_name]["S"] if range_name else None
    return (table_name, hash_key, range_key)
