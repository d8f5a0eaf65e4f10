"""What the four kinds of rows have in common: a checked row, what became of them, their hashes."""

import contextvars
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from chalicelib.errors import FieldError
from chalicelib.models.base import Refusal
from chalicelib.services.import_results import told
from chalicelib.shapes.imports import Row

R = TypeVar("R", bound=Row)
T = TypeVar("T")
AT_ONCE: Final = 4
"""Accounts that are written at the same time."""
TRIES: Final = 8
"""Tries of a write that meets others of the same account: settling money, another part."""


@dataclass(frozen=True)
class Checked(Generic[R]):
    """A row that its shape accepts, and its line in the file."""

    line: int
    row: R


@dataclass
class Outcome:
    """What became of some rows."""

    applied: int = 0
    unchanged: int = 0
    refused: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    """Refused rows as the result lists them: one entry per refused field."""

    def refuse(self, line: int, errors: Iterable[FieldError]) -> None:
        """Count one row as refused."""
        self.refused += 1
        self.told += [told(line, e.field or None, e.code, **e.params) for e in errors]

    def add(self, other: "Outcome") -> None:
        """Count another one's rows here, too."""
        self.applied += other.applied
        self.unchanged += other.unchanged
        self.refused += other.refused
        self.told += other.told


def revision_of(row: Row) -> str:
    """A hash of everything that a row says."""
    return hashlib.sha256(row.model_dump_json().encode()).hexdigest()[:32]


def groups(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """`rows` in groups of at most `size`."""
    remaining = iter(rows)
    while group := list(islice(remaining, size)):
        yield group


def at_once(work: Callable[[T], Outcome], each: Iterable[T]) -> Outcome:
    """What became of everything: `work` is called several at a time, since most of it is waiting.

    What is given must not share accounts.
    """
    outcome = Outcome()
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        begun = [pool.submit(contextvars.copy_context().run, work, one) for one in each]
        for one in begun:
            outcome.add(one.result())
    return outcome


def persistently(write: Callable[[], T]) -> T:
    """Call `write`, which reads and then writes on a condition, until nobody else came between."""
    for _ in range(TRIES - 1):
        try:
            return write()
        except Refusal:
            continue
    return write()


def by_account(rows: Sequence[Checked[Any]]) -> dict[str, list[Checked[Any]]]:
    """Rows by their account, in the order of the file."""
    found: dict[str, list[Checked[Any]]] = {}
    for checked in rows:
        found.setdefault(checked.row.account_number, []).append(checked)
    return found
