"""Who holds an account: one item in the account's partition, its mirror in the client's.

`Holder` (accounts table, `holder#<client>`) answers "may this client?" beside the account's own
items; `HeldAccount` (clients table, `account#<number>`) lists a client's accounts. Both are
written in one transaction, together with `Holdings` (clients table, `accounts`), which names the
client's primary account: one attribute, so there is never a second one.
"""

from typing import Final

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from chalicelib.config import settings
from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.base import Item, TableMeta
from chalicelib.models.partition import AFTER_ALL, between

HOLDINGS: Final = "accounts"
_HELD: Final = "account#"
_HOLDER: Final = "holder#"


class Holder(AccountItem):
    """A client's right to an account. Item `holder#<client_id>`."""

    client_id = UnicodeAttribute()
    verified = BooleanAttribute(default=False)
    since = UTCDateTimeAttribute()


def holder_item(client_id: str) -> str:
    """The sort key of a client's right."""
    return f"{_HOLDER}{client_id}"


def holders_of(account_number: str) -> list[Holder]:
    """Everybody who holds the account, proven or not. One query."""
    found = between(Holder, account_number, _HOLDER, _HOLDER + AFTER_ALL)
    return [each.as_(Holder) for each in found]


class HeldAccount(Item):
    """An account in a client's list. Item `account#<number>`."""

    class Meta(TableMeta):
        table_name = settings().CLIENTS_TABLE

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    account_number = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    """The client's own word for it: home, dacha, parents."""
    verified = BooleanAttribute(default=False)
    since = UTCDateTimeAttribute()


def held_item(account_number: str) -> str:
    """The sort key of an account in a client's list."""
    return f"{_HELD}{account_number}"


class Holdings(Item):
    """What a client's accounts have in common. Item `accounts`; made with the first account."""

    class Meta(TableMeta):
        table_name = settings().CLIENTS_TABLE

    client_id = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    primary = UnicodeAttribute(null=True)
    """Number of the primary account."""
    changes = NumberAttribute(default=0)
    """Counts every link and unlink, so that one decided on an older list is refused."""


def held_by(client_id: str) -> tuple[list[HeldAccount], Holdings | None]:
    """A client's accounts, oldest link first, and what they have in common. One query."""
    held: list[HeldAccount] = []
    holdings: Holdings | None = None
    for found in between(HeldAccount, client_id, _HELD, HOLDINGS):
        if found.item == HOLDINGS:
            holdings = found.as_(Holdings)
        else:
            held.append(found.as_(HeldAccount))
    return sorted(held, key=lambda h: (h.since, h.account_number)), holdings
