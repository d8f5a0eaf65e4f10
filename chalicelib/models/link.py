"""One-time links of letters. Logins table, key `token#<sha256 of the token>`; the token is not stored."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.models.base import Item
from chalicelib.models.login import LoginsTableMeta


class Link(Item):
    """What a token is good for, for whom, and until when. Deleted by its use."""

    class Meta(LoginsTableMeta):
        pass

    login = UnicodeAttribute(hash_key=True)
    purpose = UnicodeAttribute()
    client_id = UnicodeAttribute(null=True)
    email = UnicodeAttribute()
    """The address that the letter went to."""
    expires_at = NumberAttribute()
    """Epoch seconds; decides whether or not the item still stands."""
    ttl = NumberAttribute()
