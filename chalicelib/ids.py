"""Our own ids: a short prefix that says what it names, and a UUIDv7, so that they sort by time."""

import hashlib

import uuid6


def new_id(prefix: str) -> str:
    """A new id such as `pay_019ab4…`, unguessable in its last 62 bits, ordered by creation."""
    return f"{prefix}_{uuid6.uuid7().hex}"


def derived_id(prefix: str, *parts: str) -> str:
    """The id that follows from `parts`: the same parts give the same id, for steps made repeatable."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:32]}"
