"""Applications to connect an address, in the partition of the client who sent them.

Key `client_id`, `item` = `application#<id>`. Put once; the centre's staff change the status.
"""

from typing import Final

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.models.base import Item
from chalicelib.models.client import ClientsTableMeta

ACCEPTED: Final = "accepted"


class ConnectionApplication(Item):
    """One application. Item `application#<id>`."""

    class Meta(ClientsTableMeta):
        pass

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    application_id = UnicodeAttribute()
    number = UnicodeAttribute()
    """What the person is told: the day and letters that are not taken for one another."""
    status = UnicodeAttribute(default=ACCEPTED)
    last_name = UnicodeAttribute()
    first_name = UnicodeAttribute()
    middle_name = UnicodeAttribute(null=True)
    city = UnicodeAttribute()
    street = UnicodeAttribute()
    building = UnicodeAttribute(null=True)
    house = UnicodeAttribute()
    flat = UnicodeAttribute(null=True)
    email = UnicodeAttribute()
    phone = UnicodeAttribute(null=True)
    """E.164."""
    created_at = UTCDateTimeAttribute()


def application_item(application_id: str) -> str:
    """The sort key of an application."""
    return f"application#{application_id}"
