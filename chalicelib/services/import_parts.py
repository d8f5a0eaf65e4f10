"""One part of a file: read, parsed, checked, applied, counted. Safe to repeat at any step."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from pydantic import ValidationError

from chalicelib.clients import buckets
from chalicelib.clients.buckets import ObjectGone
from chalicelib.errors import Code, FieldError
from chalicelib.models.base import Refusal, batch_get
from chalicelib.models.imports import DONE, FILE, ImportFile, ImportPart, end_part
from chalicelib.rules import import_text
from chalicelib.rules.bill_sums import mistakes
from chalicelib.rules.import_text import RawRow
from chalicelib.services import (
    import_accounts,
    import_bills,
    import_meters,
    import_payments,
    imports,
)
from chalicelib.services.import_cut import layout, stored
from chalicelib.services.import_results import pack
from chalicelib.services.import_rows import Checked, Outcome
from chalicelib.shapes.imports import NOT_TAKEN, SHAPES, BillRow
from chalicelib.shapes.refusals import field_errors

APPLY: Final[Mapping[str, Callable[[list[Checked[Any]]], Outcome]]] = {
    "accounts": import_accounts.apply,
    "bills": import_bills.apply,
    "meters": import_meters.apply,
    "payments": import_payments.apply,
}


def work(file_id: str, part_id: str) -> None:
    """Take in one part: two calls beside those of the rows, and one read of the object."""
    file, part = batch_get([(ImportFile, file_id, FILE), (ImportPart, file_id, part_id)])
    if not isinstance(file, ImportFile) or not isinstance(part, ImportPart):
        return
    if file.state == DONE:
        return
    if part.state != DONE:
        outcome = _outcome(file, part)
        counts = {
            "rows": outcome.applied + outcome.unchanged + outcome.refused,
            "applied": outcome.applied,
            "unchanged": outcome.unchanged,
            "refused": outcome.refused,
        }
        with suppress(Refusal):  # delivered twice: the other one has counted it
            end_part(part, counts, pack(outcome.told))
    imports.end(file_id)


def _outcome(file: ImportFile, part: ImportPart) -> Outcome:
    if part.too_long:
        return _refused(int(part.first_line), Code.ROW_TOO_LONG)
    try:
        piece = buckets.read(stored(file), int(part.first_byte), int(part.end_byte))
    except ObjectGone:
        return _refused(int(part.first_line), Code.FILE_REPLACED)
    kind = str(file.kind)
    outcome = Outcome()
    good = [
        checked
        for row in _rows(file, kind, piece, int(part.first_line))
        if (checked := _checked(kind, row, outcome)) is not None
    ]
    done = APPLY[kind](good)
    outcome.add(done)
    outcome.told.sort(key=lambda refusal: refusal["line"])
    return outcome


def _refused(line: int, code: Code) -> Outcome:
    outcome = Outcome()
    outcome.refuse(line, [FieldError("", code)])
    return outcome


def _rows(file: ImportFile, kind: str, piece: bytes, first_line: int) -> Iterator[RawRow]:
    try:
        encoding = str(file.encoding) if file.encoding else import_text.encoding_of(piece)
    except import_text.Unreadable:
        encoding = import_text.UTF_8
    texts: list[tuple[int, str]] = []
    for number, line in enumerate(piece.split(b"\n"), first_line):
        text = import_text.decoded(line, encoding)
        if text is None or "\x00" in text:
            yield RawRow(number, {}, Code.ENCODING_INVALID)
        else:
            texts.append((number, text))
    shown = layout(file)
    if shown.header is None:
        yield from import_text.json_rows(texts)
    elif kind == "bills":
        yield from import_text.table_bills(import_text.table_rows(kind, shown, texts))
    else:
        yield from import_text.table_rows(kind, shown, texts)


def _checked(kind: str, row: RawRow, outcome: Outcome) -> Checked[Any] | None:
    if row.refusal is not None:
        outcome.refuse(row.line, [FieldError("", row.refusal)])
        return None
    value = {name: each for name, each in row.value.items() if name not in NOT_TAKEN[kind]}
    try:
        checked = SHAPES[kind].model_validate(value)
    except ValidationError as exc:
        outcome.refuse(row.line, list(field_errors(exc)))
        return None
    if isinstance(checked, BillRow) and (found := mistakes(checked)):
        outcome.refuse(row.line, found)
        return None
    return Checked(row.line, checked)
