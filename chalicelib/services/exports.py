"""Files for the billing: what was read off and what was paid on a Moscow day, one file of each.

A day's file holds what the index `export` names for that day and nothing else, in the order of
shards and keys, so writing it again gives the same bytes. An item has one day, so it leaves once.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO, Any, Final

from chalicelib import clock
from chalicelib.clients import buckets
from chalicelib.config import settings
from chalicelib.models.accounts_table import EXPORT_SHARDS
from chalicelib.models.entry import Entry
from chalicelib.models.exports import exported_until, items_of, mark_exported
from chalicelib.models.reading import Reading
from chalicelib.observability import count
from chalicelib.rules.export_cells import cell

LOOK_BACK: Final = timedelta(days=31)
"""Where the first export of all begins."""


@dataclass(frozen=True)
class Export:
    """One kind of file."""

    columns: tuple[str, ...]
    model: type[Any]
    row: Callable[[Any], tuple[Any, ...]]


def write_due() -> list[str]:
    """Write the files of every day up to yesterday that have not left. Names of those written.

    Sixteen queries per kind and day and one object; a day without anything leaves an empty file,
    but for the days before the first export.
    """
    yesterday = clock.today() - timedelta(days=1)
    until = exported_until()
    day = until + timedelta(days=1) if until else yesterday - LOOK_BACK
    names = []
    while day <= yesterday:
        names += write_day(day, even_empty=until is not None or day == yesterday)
        mark_exported(day)
        day += timedelta(days=1)
    return names


def write_so_far() -> list[str]:
    """Write today's files as far as the day has come. Their names.

    For whoever wants to look: the night writes the same files anew when the day is over.
    """
    return write_day(clock.today())


def write_day(day: date, *, even_empty: bool = True) -> list[str]:
    """Write the files of one day. Their names."""
    names = []
    for kind, export in EXPORTS.items():
        name = f"{kind}-{day.isoformat()}.csv"
        with tempfile.TemporaryFile() as content:
            rows = _write(content, export, items_of(export.model, kind, day, EXPORT_SHARDS))
            if not rows and not even_empty:
                continue
            buckets.write(settings().EXPORT_BUCKET, name, content, "text/csv; charset=utf-8")
        count("exported_rows", rows, kind=kind)
        names.append(name)
    return names


def _write(content: IO[bytes], export: Export, items: Iterable[Any]) -> int:
    text = io.TextIOWrapper(content, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(export.columns)
    rows = 0
    for item in items:
        writer.writerow(cell(value) for value in export.row(item))
        rows += 1
    text.flush()
    text.detach()
    return rows


def _reading_row(item: Reading) -> tuple[Any, ...]:
    values: Mapping[str, str] = item.values
    return (
        item.reading_id,
        item.account_number,
        item.meter_id,
        item.period,
        *(values.get(zone, "") for zone in ("T1", "T2", "T3")),
        item.taken_at,
        item.source,
        "withdrawn" if item.item.startswith("undone#") else "accepted",
    )


def _entry_row(item: Entry) -> tuple[Any, ...]:
    ours = item.credit == f"account:{item.account_number}"
    sign = 1 if ours else -1
    return (
        item.entry_id,
        item.account_number,
        sign * int(item.amount),
        sign * int(item.insurance),
        item.at,
        item.kind,
        item.payment_id,
    )


EXPORTS: Final[Mapping[str, Export]] = {
    "readings": Export(
        (
            "id",
            "account_number",
            "meter_id",
            "period",
            "T1",
            "T2",
            "T3",
            "taken_at",
            "source",
            "state",
        ),
        Reading,
        _reading_row,
    ),
    "payments": Export(
        ("id", "account_number", "amount", "insurance", "paid_at", "kind", "payment_id"),
        Entry,
        _entry_row,
    ),
}
