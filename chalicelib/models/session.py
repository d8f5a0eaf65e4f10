"""A client's sessions (devices), in the client's partition. Key `client_id`, `item` = `session#<id>`.

A refresh is one conditional update of one item; a sign-in puts one; the device list is one query.
"""

from datetime import datetime
from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.models.base import Item
from chalicelib.models.client import ClientsTableMeta

PREFIX: Final = "session#"


class Session(Item):
    """One signed-in device. Its refresh token is the server's MAC over id and `generation`."""

    class Meta(ClientsTableMeta):
        pass

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    generation = NumberAttribute(default=1)
    """Which refresh token of the family is the live one; each refresh adds one."""
    rotated_at = NumberAttribute(null=True)
    """Epoch milliseconds of the last refresh."""
    expires_at = NumberAttribute()
    """Epoch seconds; decides whether or not the item still stands (`ttl` cleans)."""
    ttl = NumberAttribute(null=True)
    phone = UnicodeAttribute()
    """The client's phone, so that a refresh need not read the profile."""
    code_at = NumberAttribute(null=True)
    """Epoch seconds of the SMS code that opened the session, if one did."""
    device = UnicodeAttribute(default="")
    created_at = UTCDateTimeAttribute()
    last_used_at = UTCDateTimeAttribute()

    @property
    def session_id(self) -> str:
        """The id alone."""
        return str(self.item).removeprefix(PREFIX)

    @staticmethod
    def rotate(at: datetime, until: datetime) -> list[Action]:
        """The next refresh token becomes the live one."""
        ends = int(until.timestamp())
        return [
            Session.generation.add(1),
            Session.rotated_at.set(int(at.timestamp() * 1000)),
            Session.last_used_at.set(at),
            Session.expires_at.set(ends),
            Session.ttl.set(ends),
        ]

    @staticmethod
    def live(generation: int, at: datetime) -> Condition:
        """Holds while `generation` is the live token's and the session has not ended."""
        alive: Condition = (Session.generation == generation) & (
            Session.expires_at > int(at.timestamp())
        )
        return alive


def session_item(session_id: str) -> str:
    """The sort key of a session."""
    return f"{PREFIX}{session_id}"
