"""Consents as given and withdrawn, in the client's partition: `consent#<kind>#<given at>`.

Records are never deleted or changed but for `withdrawn_at`, set once.
"""

from datetime import datetime
from typing import Final

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.models.base import Item
from chalicelib.models.client import ClientsTableMeta

PREFIX: Final = "consent#"


class Consent(Item):
    """One consent: to what text, when, through what, from where."""

    class Meta(ClientsTableMeta):
        pass

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute()
    version = UnicodeAttribute()
    text_sha256 = UnicodeAttribute()
    """Of the text in the language in which it was shown, UTF-8."""
    language = UnicodeAttribute()
    given_at = UTCDateTimeAttribute()
    channel = UnicodeAttribute()
    address = UnicodeAttribute()
    user_agent = UnicodeAttribute()
    withdrawn_at = UTCDateTimeAttribute(null=True)


def consent_item(kind: str, given_at: datetime) -> str:
    """The sort key of a consent given at a moment."""
    return f"{PREFIX}{kind}#{given_at:%Y-%m-%dT%H:%M:%S.%fZ}"
