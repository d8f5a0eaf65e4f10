"""The accounts table: everything about one personal account lies in the partition of its number.

| `item`                          | kind                                   | model          |
|---------------------------------|----------------------------------------|----------------|
| `account`                       | facts, balance, reading window         | `Account`      |
| `bill#2026-10`                  | a bill's totals                        | `Bill`         |
| `entry#<at>#<id>`               | immutable ledger entry                 | `Entry`        |
| `holder#<client>`               | a client who holds the account         | `Holder`       |
| `lines#2026-10`                 | a bill's service lines                 | `BillLines`    |
| `mandate#<client>`              | automatic payment                      | `Mandate`      |
| `meter#<meter>`                 | a metering device and its last values  | `Meter`        |
| `payment#<at>#<id>`             | payment or reversal that billing told  | `ImportedPayment` |
| `proofs`                        | failed proofs of this account          | `ProofTries`   |
| `reading#<taken>#<meter>#<id>`  | one submitted or imported reading      | `Reading`      |
| `suppliers`                     | suppliers and their contacts           | `Suppliers`    |
| `reminder#<place>`              | where reminders of readings look       | `ReminderPlace` |
| `occurrence#<client>#<month>`   | one month of an automatic payment      | `Occurrence`   |
| `retry#<client>`                | a refused charge to be tried again     | `Retry`        |
| `undone#<reading>`              | an exported reading was withdrawn      | `Reading`      |

The order of the sort keys is used: bills, then holders, so that one descending query from
`holder#<client>` down to `bill#` brings the caller's right and the bills, newest first.
"""

import zlib
from datetime import date
from typing import Generic, Literal, TypeVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta

M = TypeVar("M", bound=Model)

DUE_SHARDS = 32
EXPORT_SHARDS = 16


class AccountsTableMeta(TableMeta):
    """Inherited by every kind of item in this table."""

    table_name = settings().ACCOUNTS_TABLE


class DueIndex(GlobalSecondaryIndex[M], Generic[M]):  # type: ignore[no-untyped-call]  # pynamodb
    """What falls due on a day: `due` = `<kind>#<day>#<shard>`; keys only, eventually consistent."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    account_number = UnicodeAttribute(range_key=True)


class ExportIndex(GlobalSecondaryIndex[M], Generic[M]):  # type: ignore[no-untyped-call]
    """What a day's export holds: `export` = `<kind>#<day>#<shard>`; whole items."""

    class Meta:
        index_name = "export"
        projection = AllProjection()

    export = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


class AccountItem(Item):
    """Base of every kind of item in the accounts table."""

    class Meta(AccountsTableMeta):
        pass

    account_number = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    due = UnicodeAttribute(null=True)
    export = UnicodeAttribute(null=True)
    due_index: "DueIndex[AccountItem]" = DueIndex()
    export_index: "ExportIndex[AccountItem]" = ExportIndex()


def export_key(kind: Literal["payments", "readings"], day: date, item_id: str) -> str:
    """`export` of an item that leaves in the file of `day`: spread over shards by its own id."""
    shard = zlib.crc32(item_id.encode()) % EXPORT_SHARDS
    return f"{kind}#{day.isoformat()}#{shard:02d}"
