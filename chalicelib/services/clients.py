"""Reading and changing a client's profile; the identity that its e-mail address is."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from pynamodb.exceptions import DoesNotExist

from chalicelib.errors import Code, NotSignedIn, Unavailable
from chalicelib.models.base import Refusal
from chalicelib.models.client import PROFILE, Client
from chalicelib.rules import emails
from chalicelib.services import tokens

T = TypeVar("T")
RACES: Final = 6


def email_login(email: str) -> str:
    """The key of an address's identity. Takes the canonical form."""
    return f"email#{tokens.keyed_hash('email', emails.compared(email))}"


def profile_of(client_id: str) -> Client:
    """A client's profile: one read. Raises NotSignedIn when the client is gone."""
    try:
        return Client.get(client_id, PROFILE, consistent_read=True)
    except DoesNotExist as exc:
        raise NotSignedIn(Code.NOT_SIGNED_IN) from exc


def on_profile(client_id: str, change: Callable[[Client], T]) -> T:
    """What `change` makes of a freshly read profile; again while other writers come first.

    `change` commits a transaction whose part `profile` carries the version that was read.
    """
    for attempt in range(RACES):
        try:
            return change(profile_of(client_id))
        except Refusal as refusal:
            if refusal.labels != {"profile"}:
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - spreads load
    raise Unavailable(Code.TRY_AGAIN)
