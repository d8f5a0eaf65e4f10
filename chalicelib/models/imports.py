"""Files of the billing on their way in: imports table, key `file` (one upload), `part`.

| `part`        | kind                                                         | model        |
|---------------|--------------------------------------------------------------|--------------|
| `file`        | the upload: how it is written, how far it is, what came of it | `ImportFile` |
| `part#000001` | some of its lines, as a range of bytes; what came of them     | `ImportPart` |

Under `file` = `open` stands one item per upload that is not finished (`OpenImport`), for the
schedule that takes up what stands still. Parts are counted in the transaction that ends them, so a
part that is delivered twice counts once.
"""

from collections.abc import Iterator
from typing import Final

from pynamodb.attributes import (
    BinaryAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta, Transaction

FILE: Final = "file"
OPEN: Final = "open"

SPLITTING: Final = "splitting"
APPLYING: Final = "applying"
DONE: Final = "done"
WAITING: Final = "waiting"


class ImportsItem(Item):
    """Base of every item here."""

    class Meta(TableMeta):
        table_name = settings().IMPORTS_TABLE

    file = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    ttl = NumberAttribute(null=True)


class ImportFile(ImportsItem):
    """One upload. Item `file`."""

    key = UnicodeAttribute()
    version_id = UnicodeAttribute(null=True)
    etag = UnicodeAttribute()
    size = NumberAttribute()
    """Bytes."""
    kind = UnicodeAttribute(null=True)
    state = UnicodeAttribute(default=SPLITTING)
    failure = UnicodeAttribute(null=True)
    """Code of what is wrong with the whole file."""
    encoding = UnicodeAttribute(null=True)
    """Known for certain from a byte order mark; else each part tells its own."""
    separator = UnicodeAttribute(null=True)
    header = JSONAttribute(null=True)
    """Columns of a table; none for JSON Lines."""
    split_byte = NumberAttribute(default=0)
    """Where the next part begins."""
    split_line = NumberAttribute(default=1)
    parts = NumberAttribute(default=0)
    parts_done = NumberAttribute(default=0)
    rows = NumberAttribute(default=0)
    applied = NumberAttribute(default=0)
    unchanged = NumberAttribute(default=0)
    refused = NumberAttribute(default=0)
    started_at = UTCDateTimeAttribute()
    finished_at = UTCDateTimeAttribute(null=True)


class ImportPart(ImportsItem):
    """A range of whole lines. Item `part#<number>`."""

    state = UnicodeAttribute(default=WAITING)
    first_byte = NumberAttribute()
    end_byte = NumberAttribute()
    """The first byte after it."""
    first_line = NumberAttribute()
    too_long = NumberAttribute(default=0)
    """1: a single line that is too long to be read."""
    refusals = BinaryAttribute(null=True, legacy_encoding=False)
    """Packed list of refused rows."""


class OpenImport(ImportsItem):
    """Says that an upload is not finished. Under `open`, item by its id."""

    touched_at = UTCDateTimeAttribute()


def part_name(number: int) -> str:
    """The sort key of a part; the first is 1."""
    return f"part#{number:06d}"


def open_imports() -> list[OpenImport]:
    """Uploads that are not finished. One query per megabyte."""
    return list(OpenImport.query(OPEN, consistent_read=True))


def parts_of(file_id: str) -> Iterator[ImportPart]:
    """The parts in their order, read page by page."""
    yield from ImportPart.query(
        file_id, ImportPart.part.startswith("part#"), consistent_read=True, page_size=20
    )


def end_part(part: ImportPart, counts: dict[str, int], refusals: bytes | None) -> None:
    """Mark a part as done and count it: one call. Raises Refusal when it was done already."""
    t = Transaction()
    file = ImportFile(part.file, FILE)
    changes: list[Action] = [ImportPart.state.set(DONE)]
    if refusals is not None:
        changes.append(ImportPart.refusals.set(refusals))
    t.update("part", part, changes, ImportPart.state == WAITING)
    t.update(
        "file",
        file,
        [
            ImportFile.parts_done.add(1),
            *(getattr(ImportFile, name).add(count) for name, count in counts.items()),
        ],
        ImportFile.part.exists(),
    )
    t.commit()
