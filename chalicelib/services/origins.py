"""Where a request came from, as far as sign-in and consents keep it."""

from dataclasses import dataclass
from typing import Final

from chalicelib.texts import Language

CHANNELS: Final = ("web", "mobile")


@dataclass(frozen=True)
class Origin:
    """One request's language, address, user agent and channel (`web`, `mobile` or `api`)."""

    language: Language
    address: str
    user_agent: str
    channel: str


def channel_of(header: str | None) -> str:
    """The channel that an `X-Client` header names; `api` for everything else."""
    return header if header in CHANNELS else "api"
