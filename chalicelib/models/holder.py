"""Who holds an account: one item in the account's partition, its mirror in the client's.

`Holder` (accounts table, `holder#<client>`) answers "may this client?" beside the account's own
items; `HeldAccount` (clients table, `account#<number>`) lists a client's accounts. Both are
written in one transaction.
"""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.config import settings
from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.base import Item, TableMeta


class Holder(AccountItem):
    """A client's right to an account. Item `holder#<client_id>`."""

    client_id = UnicodeAttribute()
    verified = BooleanAttribute(default=False)
    since = UTCDateTimeAttribute()


def holder_item(client_id: str) -> str:
    """The sort key of a client's right."""
    return f"holder#{client_id}"


class HeldAccount(Item):
    """An account in a client's list. Item `account#<number>`."""

    class Meta(TableMeta):
        table_name = settings().CLIENTS_TABLE

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    account_number = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    primary = BooleanAttribute(default=False)
    verified = BooleanAttribute(default=False)
    since = UTCDateTimeAttribute()


def held_item(account_number: str) -> str:
    """The sort key of an account in a client's list."""
    return f"account#{account_number}"
