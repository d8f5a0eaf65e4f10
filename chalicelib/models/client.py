"""A client (a person who signs in): profile in the clients table, item `profile`.

The same partition holds the client's sessions, consents, held accounts and kept answers.
"""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta

PROFILE = "profile"


class ClientsTableMeta(TableMeta):
    """Inherited by every kind of item in the clients table."""

    table_name = settings().CLIENTS_TABLE


class Client(Item):
    """One client. Item `profile`."""

    class Meta(ClientsTableMeta):
        pass

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True, default=PROFILE)
    phone = UnicodeAttribute()
    """E.164."""
    last_name = UnicodeAttribute(null=True)
    first_name = UnicodeAttribute(null=True)
    middle_name = UnicodeAttribute(null=True)
    birth_date = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    email_confirmed = BooleanAttribute(default=False)
    email_stopped = UnicodeAttribute(null=True)
    """Why mail to this address has stopped (`bounce`, `complaint`), if it has."""
    language = UnicodeAttribute(default="ru")
    password_hash = UnicodeAttribute(null=True)
    notifications = JSONAttribute(default=dict)
    """Channels per kind that differ from the default."""
    stripe_customer_id = UnicodeAttribute(null=True)
    left_at = UTCDateTimeAttribute(null=True)
    """When the consent to the processing of personal data was withdrawn; goes when it is given again."""
    created_at = UTCDateTimeAttribute()
    version = VersionAttribute()
