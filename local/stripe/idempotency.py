"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests

The first answer under a key, refusals included, is kept for 24 hours of the injected clock and
given again to the same request. Answers to malformed parameters are not kept, as nothing was done.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.stripe.errors import Json, Refused
from local.stripe.forms import Form
from local.stripe.store import Store

LIFETIME = 24 * 60 * 60
_LONGEST = 255


@dataclass(frozen=True)
class Kept:
    """An answer as it was given first."""

    status: int
    body: Json
    request_id: str


class Keys:
    """The records of keys, and which keys are being worked on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claimed(self, key: str | None) -> Iterator[None]:
        """Work under the key alone. Raises Refused, 409, while another request does."""
        if key is None:
            yield
            return
        if len(key) > _LONGEST:
            raise Refused(f"Idempotency keys may have up to {_LONGEST} characters.", executed=False)
        with self._lock:
            if key in self._busy:
                raise Refused(
                    "There is currently another in-progress request using this Idempotency Key "
                    f"({key}). Try again later, or use another key.",
                    status=409,
                    code="idempotency_key_in_use",
                    executed=False,
                )
            self._busy.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy.remove(key)

    def kept(self, key: str, path: str, form: Form, now: int) -> Kept | None:
        """The first answer under the key, or None for a new or an old key.

        Raises Refused, an idempotency_error, when the key belongs to another request.
        """
        row = self._store.db.execute(
            "SELECT request, answer FROM idempotency WHERE key = ? AND created > ?",
            (key, now - LIFETIME),
        ).fetchone()
        if row is None:
            return None
        first_path, first_form = json.loads(row[0])
        if first_path != path:
            raise _mismatch(
                key, f"for the same endpoint they were first used for ('{first_path}' vs '{path}')"
            )
        if first_form != form:
            raise _mismatch(key, "with the same parameters they were first used with")
        return Kept(**json.loads(row[1]))

    def keep(self, key: str, path: str, form: Form, now: int, answer: Kept) -> None:
        self._store.db.execute(
            "INSERT OR REPLACE INTO idempotency (key, request, answer, created)"
            " VALUES (?, ?, ?, ?)",
            (key, json.dumps([path, form]), json.dumps(vars(answer)), now),
        )


def _mismatch(key: str, rule: str) -> Refused:
    return Refused(
        f"Keys for idempotent requests can only be used {rule}. Try using a key other than "
        f"'{key}' if you meant to execute a different request.",
        kind="idempotency_error",
        executed=False,
    )
