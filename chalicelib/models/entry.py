"""The ledger: immutable double entries per account, and the payments that the billing told of.

An entry moves `amount` kopecks from the `debit` side to the `credit` side, so the sum over all
ledger accounts is zero by construction. Payment: debit `provider`, credit `account:<number>`;
a refund or a lost dispute the other way round. Entries are put once (condition: not there) and
never changed, but for `export` which says in which day's file they leave.
"""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.partition import AFTER_ALL, between


class Entry(AccountItem):
    """One movement of money on an account. Item `entry#<at>#<entry_id>`."""

    entry_id = UnicodeAttribute()
    """`pay_…`, `re_…` or `dp_…`: derived from the payment, refund or dispute."""
    kind = UnicodeAttribute()
    """`payment`, `refund`, `refund_reversal`, `dispute`, `dispute_reversal`."""
    payment_id = UnicodeAttribute()
    client_id = UnicodeAttribute()
    amount = NumberAttribute()
    """Kopecks, always positive; the sides tell the direction."""
    insurance = NumberAttribute(default=0)
    """How much of it is voluntary insurance."""
    debit = UnicodeAttribute()
    credit = UnicodeAttribute()
    at = UTCDateTimeAttribute()


class ImportedPayment(AccountItem):
    """A payment or reversal as the billing told it. Item `payment#<at>#<id>`."""

    imported_id = UnicodeAttribute()
    amount = NumberAttribute()
    """Kopecks; negative for a reversal. Equal rows are legal and stay apart by their ids."""
    paid_at = UTCDateTimeAttribute()
    period = UnicodeAttribute()
    """The billing period that counts it."""
    agent = UnicodeAttribute(null=True)
    payment_id = UnicodeAttribute(null=True)
    """Our own payment, when the billing acknowledges one: then it is not deducted again."""
    revision = UnicodeAttribute()


def entries_of(account_number: str) -> Iterator[Entry]:
    """The account's ledger, oldest first. One query."""
    found = between(Entry, account_number, "entry#", f"entry#{AFTER_ALL}")
    yield from (each.as_(Entry) for each in found)


def imported_of(account_number: str) -> Iterator[ImportedPayment]:
    """What the billing told of the account's payments, oldest first. One query."""
    found = between(ImportedPayment, account_number, "payment#", f"payment#{AFTER_ALL}")
    yield from (each.as_(ImportedPayment) for each in found)


def entry_item(at: datetime, entry_id: str) -> str:
    """The sort key of an entry: by the moment the provider moved the money, then by its id."""
    return f"entry#{at:%Y-%m-%dT%H:%M:%SZ}#{entry_id}"


def imported_item(at: datetime, imported_id: str) -> str:
    """The sort key of a payment that the billing told of."""
    return f"payment#{at:%Y-%m-%dT%H:%M:%SZ}#{imported_id}"
