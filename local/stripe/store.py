"""The stand-in's memory: one SQLite file with JSON objects, idempotency records and an outbox.

Every change of one API call is one transaction, and `synchronous=FULL` puts it on the disk before
the call is answered: a killed process loses nothing that was acknowledged. Without a path the same
tables live in memory.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.stripe.errors import Json

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    type    TEXT NOT NULL,
    created INTEGER NOT NULL,
    body    TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_type ON objects (type, seq);
CREATE INDEX IF NOT EXISTS objects_by_customer
    ON objects (type, json_extract(body, '$.customer'), seq);
CREATE INDEX IF NOT EXISTS objects_by_payment_intent
    ON objects (type, json_extract(body, '$.payment_intent'), seq);
CREATE INDEX IF NOT EXISTS objects_by_status
    ON objects (type, json_extract(body, '$.status'), seq);
CREATE TABLE IF NOT EXISTS idempotency (
    key     TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    answer  TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    due_at   REAL NOT NULL,
    tries    INTEGER NOT NULL DEFAULT 0,
    state    TEXT NOT NULL DEFAULT 'pending'
);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, due_at, id);
CREATE INDEX IF NOT EXISTS outbox_by_event ON outbox (event_id);
"""


@dataclass(frozen=True)
class Query:
    """What a list shows: equal fields, bounds of `created`, words one field may have, a page."""

    type: str
    equal: Mapping[str, str | int | None] = field(default_factory=dict)
    created: Mapping[str, int] = field(default_factory=dict)
    one_of: tuple[str, Sequence[str]] | None = None
    limit: int = 10
    after: int | None = None
    before: int | None = None


_BOUNDS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Store:
    """Objects by id and by list, and the connection the other tables' owners share."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One all-or-nothing change; calls of other threads wait for its end."""
        with self._lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that an error undoes alone."""
        self.db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK TO part")
            self.db.execute("RELEASE part")
            raise
        self.db.execute("RELEASE part")

    def add(self, item: Json) -> None:
        self.db.execute(
            "INSERT INTO objects (id, type, created, body) VALUES (?, ?, ?, ?)",
            (item["id"], item["object"], item["created"], json.dumps(item)),
        )

    def save(self, item: Json) -> None:
        self.db.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(item), item["id"]))

    def find(self, object_type: str, object_id: str) -> Json | None:
        row = self.db.execute(
            "SELECT body FROM objects WHERE id = ? AND type = ?", (object_id, object_type)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def place_of(self, object_type: str, object_id: str) -> int | None:
        """The object's number in order of creation, for paging."""
        row = self.db.execute(
            "SELECT seq FROM objects WHERE id = ? AND type = ?", (object_id, object_type)
        ).fetchone()
        return None if row is None else int(row[0])

    def newest(self, query: Query) -> tuple[list[Json], bool]:
        """One page, newest first, and whether there is more in the direction of paging."""
        conditions, values = _conditions(query)
        order = "ASC" if query.before is not None else "DESC"
        # Field names come from the code; what a request sent is bound.
        rows = self.db.execute(
            f"SELECT body FROM objects WHERE {' AND '.join(conditions)} "  # noqa: S608
            f"ORDER BY seq {order} LIMIT ?",
            (*values, query.limit + 1),
        ).fetchall()
        page = [json.loads(row[0]) for row in rows[: query.limit]]
        return (page if order == "DESC" else page[::-1]), len(rows) > query.limit


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    conditions, values = ["type = ?"], [query.type]  # type: list[str], list[Any]
    for name, value in query.equal.items():
        conditions.append(f"json_extract(body, '$.{name}') IS ?")
        values.append(value)
    for bound, moment in query.created.items():
        conditions.append(f"created {_BOUNDS[bound]} ?")
        values.append(moment)
    if query.one_of is not None:
        name, words = query.one_of
        conditions.append(f"json_extract(body, '$.{name}') IN ({', '.join('?' * len(words))})")
        values.extend(words)
    if query.after is not None:
        conditions.append("seq < ?")
        values.append(query.after)
    if query.before is not None:
        conditions.append("seq > ?")
        values.append(query.before)
    return conditions, values
