"""Which kind of news goes through which channel, as long as a client has not said otherwise."""

from collections.abc import Mapping, Sequence
from typing import Final

KINDS: Final = ("readings", "bills", "payments", "autopay", "requests", "news")
CHANNELS: Final = ("email", "sms", "push")
DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "readings": ("email", "push"),
    "bills": ("email", "push"),
    "payments": ("email", "push"),
    "autopay": ("email", "push"),
    "requests": ("email", "push"),
    "news": (),
}
"""SMS costs money and news is unasked for: both only for those who choose them."""


def chosen(stored: Mapping[str, Sequence[str]] | None) -> dict[str, list[str]]:
    """Every kind with its channels, from what a profile stores (`Client.notifications`)."""
    return {
        kind: [c for c in CHANNELS if c in (stored or {}).get(kind, DEFAULTS[kind])]
        for kind in KINDS
    }


def wants(stored: Mapping[str, Sequence[str]] | None, kind: str, channel: str) -> bool:
    """Whether a client wants news of `kind` through `channel`."""
    return channel in chosen(stored).get(kind, ())


def stored_form(wanted: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What a profile stores of the wishes: only what differs from the defaults."""
    return {
        kind: [c for c in CHANNELS if c in channels]
        for kind, channels in wanted.items()
        if set(channels) != set(DEFAULTS[kind])
    }
