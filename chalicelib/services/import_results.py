"""What came of a file of the billing: `<name>.result.json` beside it, `<name>.progress.json` before."""

import json
import tempfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, Final

from chalicelib import clock
from chalicelib.clients import buckets
from chalicelib.config import settings
from chalicelib.errors import Code
from chalicelib.models.imports import ImportFile, parts_of
from chalicelib.rules import import_text
from chalicelib.services.import_cut import layout
from chalicelib.texts import DEFAULT, say

RESULT: Final = ".result.json"
PROGRESS: Final = ".progress.json"


def pack(refusals: list[dict[str, Any]]) -> bytes | None:
    """Refused rows as a part keeps them."""
    return zlib.compress(json.dumps(refusals, ensure_ascii=False).encode()) if refusals else None


def told(line: int | None, field: str | None, code: Code, **params: Any) -> dict[str, Any]:
    """One refused row as the result lists it."""
    return {"line": line, "field": field, "code": code.value, "text": say(DEFAULT, code, **params)}


def write_result(file: ImportFile) -> None:
    """Put the result beside the file. One query of its parts, one write of an object."""
    with tempfile.TemporaryFile() as content:
        _compose(file, content)
        buckets.write(settings().IMPORT_BUCKET, file.key + RESULT, content, "application/json")


def _compose(file: ImportFile, content: IO[bytes]) -> None:
    """The result as JSON, refused rows streamed from the parts in the order of their lines."""
    head = {
        "file": file.key,
        "kind": file.kind,
        **counts_of(file),
        "started_at": _stamp(file.started_at),
        "finished_at": _stamp(file.finished_at),
    }
    text = json.dumps(head, ensure_ascii=False)
    content.write(text[:-1].encode() + b', "refusals": [')
    between = b"\n"
    for refusal in _refusals(file):
        content.write(between + json.dumps(refusal, ensure_ascii=False).encode())
        between = b",\n"
    content.write(b"]}\n")


def _refusals(file: ImportFile) -> Iterator[dict[str, Any]]:
    if file.failure:
        yield told(None, None, Code(file.failure))
    known = _unknown_columns(file)
    yield from (told(1, name, Code.UNKNOWN_FIELD) for name in known)
    for part in parts_of(file.file):
        if part.refusals:
            yield from json.loads(zlib.decompress(part.refusals))


def _unknown_columns(file: ImportFile) -> list[str]:
    if file.header is None or file.kind is None:
        return []
    return import_text.unknown_columns(file.kind, layout(file))


def show_progress(file: ImportFile) -> None:
    """An operator's look at a large file: written as parts end."""
    if file.parts < 2:
        return
    told_now = {
        "file": file.key,
        "kind": file.kind,
        "state": file.state,
        "parts": int(file.parts),
        "parts_done": int(file.parts_done),
        "bytes": int(file.size),
        "bytes_cut": int(file.split_byte),
        **counts_of(file),
        "started_at": _stamp(file.started_at),
        "as_of": _stamp(clock.now()),
    }
    with tempfile.TemporaryFile() as content:
        content.write(json.dumps(told_now, ensure_ascii=False, indent=1).encode())
        buckets.write(settings().IMPORT_BUCKET, file.key + PROGRESS, content, "application/json")


def counts_of(file: ImportFile) -> dict[str, int]:
    """How many rows a file had, and what became of them."""
    return {name: int(getattr(file, name)) for name in ("rows", "applied", "unchanged", "refused")}


def _stamp(at: Any) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
