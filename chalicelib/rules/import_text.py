"""Bytes of a file to text, and a table's text to rows: encodings, separators, flattened names.

A row is a line: a quoted cell cannot hold a line break, so one stray quote spoils one row only.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from chalicelib.errors import Code
from chalicelib.shapes.imports import NOT_TAKEN, SHAPES

BOM: Final = b"\xef\xbb\xbf"
UTF_8: Final = "utf-8"
WINDOWS: Final = "windows-1251"
_OTHER_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_PARTS: Final = {
    "accounts": ("reading_window",),
    "bills": ("lines", "line"),
    "meters": ("capacity", "last_billed_values", "last_billed"),
    "payments": (),
}
"""Prefixes of flattened names, by kind: `capacity_integer` is `capacity.integer`."""
_AMOUNT: Final = "_amount"
_CURRENCY: Final = "_currency"


class Empty(Exception):
    """There is nothing in the file."""


class Unreadable(Exception):
    """The bytes are no text that a file may hold."""


@dataclass(frozen=True)
class Layout:
    """How a file is written. `header` is None for JSON Lines."""

    separator: str = ""
    header: tuple[str, ...] | None = None


@dataclass(frozen=True)
class RawRow:
    """One row as read: its line (the first is 1) and its value, or why there is none."""

    line: int
    value: dict[str, Any]
    refusal: Code | None = None


def encoding_of(piece: bytes) -> str:
    """The encoding of a piece of a file that holds whole lines. Raises Unreadable.

    UTF-8 if it can be. If it cannot, a file most of whose lines with other than ASCII letters are
    UTF-8 is a UTF-8 file with broken lines, any other is windows-1251.
    """
    if piece.startswith(_OTHER_BOMS) or b"\x00" in piece:
        raise Unreadable
    if piece.startswith(BOM):
        return UTF_8
    try:
        piece.decode(UTF_8)
    except UnicodeDecodeError:
        good = broken = 0
        for line in piece.split(b"\n"):
            if not line.isascii():
                if decoded(line, UTF_8) is None:
                    broken += 1
                else:
                    good += 1
        return UTF_8 if good > broken else WINDOWS
    return UTF_8


def decoded(line: bytes, encoding: str) -> str | None:
    """The text of a line; None when it is not in `encoding`."""
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def layout_of(first_line: str) -> Layout:
    """The layout that the first line of a file, a BOM taken off, shows."""
    if first_line.lstrip().startswith("{"):
        return Layout()
    separator = ";" if first_line.count(";") >= first_line.count(",") else ","
    cells = next(csv.reader([first_line], delimiter=separator), [])
    return Layout(separator, tuple(cell.strip().lower() for cell in cells))


def json_rows(lines: Sequence[tuple[int, str]]) -> Iterator[RawRow]:
    """One row per non-empty line."""
    for number, text in lines:
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            yield RawRow(number, {}, Code.ROW_UNREADABLE)
            continue
        if isinstance(value, dict):
            yield RawRow(number, value)
        else:
            yield RawRow(number, {}, Code.ROW_UNREADABLE)


def table_rows(kind: str, layout: Layout, lines: Sequence[tuple[int, str]]) -> Iterator[RawRow]:
    """One row per non-empty line, each value a string under the path that its column names."""
    assert layout.header is not None
    unknown = set(unknown_columns(kind, layout))
    paths = [() if name in unknown else _path(kind, name) for name in layout.header]
    for number, text in lines:
        if text.strip():
            yield _table_row(layout.separator, paths, number, text)


def _table_row(separator: str, paths: Sequence[tuple[str, ...]], line: int, text: str) -> RawRow:
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        return RawRow(line, {}, Code.ROW_UNREADABLE)
    if len(cells) > len(paths):
        return RawRow(line, {}, Code.ROW_CELLS_EXTRA)
    value: dict[str, Any] = {}
    for path, cell in zip(paths, cells, strict=False):
        stripped = cell.strip()
        if stripped and path:
            _set(value, path, stripped)
    return RawRow(line, value)


def _set(value: dict[str, Any], path: tuple[str, ...], cell: str) -> None:
    for name in path[:-1]:
        value = value.setdefault(name, {})
    value[path[-1]] = _parsed(cell) if cell[0] in "[{" else cell


def _parsed(cell: str) -> Any:
    """A list or a structure stands in its cell as JSON."""
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _path(kind: str, name: str) -> tuple[str, ...]:
    """`capacity_integer` → `("capacity", "integer")`; a money column's currency is checked, too."""
    if name.endswith(_CURRENCY):
        inner = _path(kind, name.removesuffix(_CURRENCY))
        return (*inner, "currency")
    if name.endswith(_AMOUNT):
        inner = _path(kind, name.removesuffix(_AMOUNT))
        return (*inner, "amount")
    for prefix in _PARTS[kind]:
        if name.startswith(f"{prefix}_"):
            rest = name.removeprefix(f"{prefix}_")
            if prefix == "last_billed_values":
                return ("last_billed", "values", rest.upper())
            return ("lines" if prefix == "line" else prefix, rest)
    return (name,)


def table_bills(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Rows of lines to bills: neighbouring rows of one account and period are one bill.

    Totals that the rows repeat must be equal; a bill with a bad row is refused whole.
    """
    held: list[RawRow] = []
    for row in rows:
        if held and _bill_key(row.value) != _bill_key(held[0].value):
            yield _bill(held)
            held = []
        held.append(row)
    if held:
        yield _bill(held)


def _bill_key(value: Mapping[str, Any]) -> tuple[Any, Any]:
    return value.get("account_number"), value.get("period")


def _bill(rows: Sequence[RawRow]) -> RawRow:
    first = rows[0]
    bad = next((row for row in rows if row.refusal), None)
    if bad:
        return RawRow(bad.line, {}, bad.refusal)
    totals = {name: value for name, value in first.value.items() if name != "lines"}
    for row in rows:
        if {name: value for name, value in row.value.items() if name != "lines"} != totals:
            return RawRow(row.line, {}, Code.BILL_ROWS_DIFFER)
    lines = [row.value.get("lines", {}) for row in rows]
    return RawRow(first.line, {**totals, "lines": lines})


def unknown_columns(kind: str, layout: Layout) -> list[str]:
    """Columns of a table that no field has: they are told once, and their cells are not taken."""
    return [name for name in layout.header or () if not _known(kind, _path(kind, name))]


def _known(kind: str, path: tuple[str, ...]) -> bool:
    shape: Any = SHAPES[kind]
    if path[0] in NOT_TAKEN[kind]:
        return True
    for name in path:
        if name in ("amount", "currency"):
            return True
        fields = getattr(shape, "model_fields", None)
        if fields is None:
            return True
        if name not in fields:
            return False
        shape = _inner(fields[name].annotation)
    return True


def _inner(annotation: Any) -> Any:
    """The shape inside `Shape | None` or `list[Shape]`; None for what is no shape."""
    if hasattr(annotation, "model_fields"):
        return annotation
    return next((s for a in get_args(annotation) if (s := _inner(a)) is not None), None)


def key_of(kind: str, layout: Layout, line: bytes) -> tuple[Any, Any] | None:
    """What a line of a table must not be parted from in different pieces; None: it stands alone.

    A bill's rows belong together, and so do an account's payments, which may have no ids.
    """
    if kind not in ("bills", "payments") or layout.header is None:
        return None
    found = next(table_rows(kind, layout, [(1, line.decode("latin-1"))]), RawRow(1, {})).value
    return _bill_key(found) if kind == "bills" else (found.get("account_number"), None)
