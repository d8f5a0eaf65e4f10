"""Sessions: how long they live, and what a refresh token that is not the live one means."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

ACCESS_LIFETIME: Final = timedelta(minutes=15)
REFRESH_LIFETIME: Final = timedelta(days=180)
RETRY_WINDOW: Final = timedelta(seconds=60)
FRESH_CODE: Final = timedelta(minutes=10)
"""How long after an SMS code a session may do what else needs the password."""


class Verdict(Enum):
    """What to do about a refresh token."""

    SUCCESSOR_AGAIN = "the answer was lost: the same successor once more"
    STOLEN = "somebody uses an old token: the family ends"
    ENDED = "the session is over"


def verdict(
    *,
    generation: int,
    standing: int,
    rotated_at: datetime | None,
    expires_at: datetime,
    at: datetime,
) -> Verdict:
    """About a token of `generation` that is not the live one of a session at `standing`.

    A retry within the window gets its successor again, as long as that one is unused: whoever
    used the successor has received it, so an older token after that is nobody's honest retry.
    """
    if expires_at <= at:
        return Verdict.ENDED
    lost = generation == standing - 1 and rotated_at is not None
    if lost and rotated_at is not None and at - rotated_at <= RETRY_WINDOW:
        return Verdict.SUCCESSOR_AGAIN
    return Verdict.STOLEN


def freshly_coded(code_at: datetime | None, at: datetime) -> bool:
    """Whether a session proven by SMS at `code_at` still counts as just proven."""
    return code_at is not None and at - code_at <= FRESH_CODE
