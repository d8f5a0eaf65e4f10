"""The logins table: what a person signs in with, one item per identity. Key `login`.

| `login`                | what it holds                                                             |
|------------------------|---------------------------------------------------------------------------|
| `phone#<keyed hash>`   | whose phone it is, its one current challenge, windows of sends and tries  |
| `email#<keyed hash>`   | whose confirmed address it is, who waits to confirm it, window of letters |
| `password#<person>`    | password tries since the last right one                                   |
| `token#<sha256>`       | a one-time link of a letter                                               |

The key of an identity is what makes it unique: claiming it is a conditional write. `ttl` cleans
what belongs to nobody; `keep_until`, set with `client_id`, wins over it in the same expression.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta

FOREVER: Final = 253_402_300_799
"""The last second of the year 9999."""
FORGET_AFTER: Final = timedelta(days=2)
"""How long an identity of nobody is remembered: longer than the longest window."""


class LoginsTableMeta(TableMeta):
    """Inherited by every kind of item in the logins table."""

    table_name = settings().LOGINS_TABLE


@dataclass(frozen=True)
class NewChallenge:
    """A challenge to be stored: the code only as a keyed hash. `given` are consents given with it."""

    phone: str
    nonce: str
    code_hash: str
    purpose: str
    expires_at: datetime
    given: dict[str, Any] | None


class Login(Item):
    """An identity: `phone#…` or `email#…`."""

    class Meta(LoginsTableMeta):
        pass

    login = UnicodeAttribute(hash_key=True)
    client_id = UnicodeAttribute(null=True)
    """Whose it is, once it is somebody's."""
    pending = UnicodeAttribute(null=True)
    """The client who named this address last and has not confirmed it."""
    reset_link = UnicodeAttribute(null=True)
    """The key of the newest link for a new password that went to this address: no older one opens."""
    phone = UnicodeAttribute(null=True)
    """E.164, of the current challenge."""
    nonce = UnicodeAttribute(null=True)
    """Names the current challenge; goes away when it is used."""
    code_hash = UnicodeAttribute(null=True)
    purpose = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    """Epoch seconds at which the challenge ends, whether or not the item still stands."""
    guesses = NumberAttribute(null=True)
    given = JSONAttribute(null=True)
    keep_until = NumberAttribute(null=True)
    ttl = NumberAttribute(null=True)

    @staticmethod
    def begin(challenge: NewChallenge, at: datetime) -> list[Action]:
        """Make `challenge` the current one, in the place of any other."""
        return [
            Login.phone.set(challenge.phone),
            Login.nonce.set(challenge.nonce),
            Login.code_hash.set(challenge.code_hash),
            Login.purpose.set(challenge.purpose),
            Login.expires_at.set(int(challenge.expires_at.timestamp())),
            Login.guesses.set(0),
            Login.given.set(challenge.given or {}),
            remembered(at),
        ]

    @staticmethod
    def open_to_guesses(nonce: str, purpose: str, guesses: int, at: datetime) -> Condition:
        """Holds while the challenge `nonce` is current, unused, alive and has tries left."""
        usable: Condition = (
            (Login.nonce == nonce)
            & (Login.purpose == purpose)
            & (Login.expires_at > int(at.timestamp()))
            & (Login.guesses < guesses)
        )
        return usable

    @staticmethod
    def end_challenge() -> list[Action]:
        """The challenge is used."""
        return [
            Login.nonce.remove(),
            Login.code_hash.remove(),
            Login.given.remove(),
            Login.expires_at.remove(),
        ]

    @staticmethod
    def claim(client_id: str) -> list[Action]:
        """The identity becomes the client's."""
        return [
            Login.client_id.set(client_id),
            Login.keep_until.set(FOREVER),
            Login.ttl.set(FOREVER),
            Login.pending.remove(),
        ]

    @staticmethod
    def not_of_another(client_id: str) -> Condition:
        """Holds while the identity is the client's or nobody's."""
        free: Condition = Login.client_id.does_not_exist() | (Login.client_id == client_id)
        return free

    @staticmethod
    def give_up(at: datetime) -> list[Action]:
        """The identity becomes nobody's."""
        return [
            Login.client_id.remove(),
            Login.reset_link.remove(),
            Login.keep_until.remove(),
            Login.ttl.set(int((at + FORGET_AFTER).timestamp())),
        ]


def remembered(at: datetime) -> Action:
    """Keep the item for a while longer, for ever if it is somebody's."""
    return Login.ttl.set(Login.keep_until | int((at + FORGET_AFTER).timestamp()))
