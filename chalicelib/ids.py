"""Our own ids: a short prefix that says what it names, and a UUIDv7, so that they sort by time."""

import hashlib
import secrets
from datetime import datetime

import uuid6


def new_id(prefix: str) -> str:
    """A new id such as `pay_019ab4…`, unguessable in its last 62 bits, ordered by creation."""
    return f"{prefix}_{uuid6.uuid7().hex}"


def derived_id(prefix: str, *parts: str) -> str:
    """The id that follows from `parts`: the same parts give the same id, for steps made repeatable."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:32]}"


def id_at(prefix: str, at: datetime, *parts: str) -> str:
    """An id that sorts by `at`, the product's own moment, as a UUIDv7 sorts by the machine's.

    With `parts` the rest follows from them, so that a repeated step gets the same id; without, it
    is random. `at` has to be the same moment at every repetition, too.
    """
    milliseconds = int(at.timestamp() * 1000)
    rest = (
        hashlib.sha256("\x1f".join(parts).encode()).hexdigest() if parts else secrets.token_hex(10)
    )
    return f"{prefix}_{milliseconds:012x}7{rest[:19]}"
