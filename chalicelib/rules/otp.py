"""Codes by SMS: their numbers, and how a challenge is named. Decision 2 of the feature list."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

DIGITS: Final = 6
LIFETIME: Final = timedelta(minutes=10)
GUESSES: Final = 5
"""Wrong tries of one challenge."""
RESEND_AFTER: Final = timedelta(seconds=45)
SENDS_PER_HOUR: Final = 5
SENDS_PER_DAY: Final = 10
WRONG_PER_HOUR: Final = 10
"""Wrong tries of one phone over all its challenges."""

_CHALLENGE = re.compile(r"ch_([0-9a-f]{64})([0-9a-f]{32})")


@dataclass(frozen=True)
class Challenge:
    """A challenge's public name: which phone (as a keyed hash) and which of its challenges."""

    phone_hash: str
    nonce: str

    def __str__(self) -> str:
        return f"ch_{self.phone_hash}{self.nonce}"


def challenge_named(text: str) -> Challenge | None:
    """The challenge that an id names; None when it cannot be one of ours."""
    match = _CHALLENGE.fullmatch(text)
    return Challenge(match[1], match[2]) if match else None


def digits(typed: str) -> str:
    """A code as typed, without the spaces that phones put in when it is copied."""
    return "".join(typed.split())


def household(address: str) -> str:
    """Whose codes count together: an IPv4 address, or the IPv6 network of 64 bits around one.

    A subscriber has all addresses of such a network and could take another for each code.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
