"""A file of the billing from the bucket to the tables: begun, cut into parts, ended with a result.

A file is cut into ranges of whole lines and each range is a message, so a file of any size takes
little memory and what broke off goes on where it was. `import_parts.py` takes in one part. Beside
the file stand `<name>.progress.json` while it goes on and `<name>.result.json` when it is done.
"""

import json
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import IO, Any, Final

from pynamodb.exceptions import DoesNotExist, PutError

from chalicelib import clock, ids
from chalicelib.clients import buckets, queues
from chalicelib.clients.buckets import ObjectGone, Stored
from chalicelib.config import settings
from chalicelib.errors import Code
from chalicelib.models.base import Refusal, Transaction, condition_failed
from chalicelib.models.imports import (
    APPLYING,
    DONE,
    FILE,
    OPEN,
    SPLITTING,
    WAITING,
    ImportFile,
    ImportPart,
    OpenImport,
    open_imports,
    part_name,
    parts_of,
)
from chalicelib.observability import count, log
from chalicelib.rules import import_text
from chalicelib.rules.import_text import Layout
from chalicelib.texts import DEFAULT, say

RESULT: Final = ".result.json"
PROGRESS: Final = ".progress.json"
KINDS: Final = ("accounts", "bills", "meters", "payments")
SPLIT: Final = "split"
HEAD_BYTES: Final = 64
KEPT: Final = timedelta(days=180)
"""How long an upload is remembered here; the result beside the file stays."""


def begin(key: str, etag: str, size: int, version_id: str | None, sequencer: str) -> str | None:
    """An object came into the import bucket: note it and queue its cutting. The upload's id.

    None for what we wrote ourselves. The same event again changes nothing; the same file uploaded
    again is a new upload. One transaction of two puts, one message.
    """
    if key.endswith((RESULT, PROGRESS)):
        return None
    file_id = ids.derived_id("file", key, etag, version_id or "", sequencer)
    now = clock.now()
    file = ImportFile(
        file_id,
        FILE,
        key=key,
        etag=etag,
        size=size,
        version_id=version_id,
        kind=kind_of(key),
        started_at=now,
        ttl=int((now + KEPT).timestamp()),
    )
    t = Transaction()
    t.put("file", file, ImportFile.part.does_not_exist())
    t.put("open", OpenImport(OPEN, file_id, touched_at=now))
    try:
        t.commit()
    except Refusal:
        return file_id
    queues.send(settings().IMPORTS_QUEUE, {"file": file_id, "part": SPLIT})
    return file_id


def kind_of(key: str) -> str | None:
    """The one kind that a file's name tells; None when it tells none or several."""
    name = key.rsplit("/", 1)[-1].lower()
    found = [kind for kind in KINDS if re.search(kind, name)]
    return found[0] if len(found) == 1 else None


def split(file_id: str) -> None:
    """Cut the next parts of a file and queue them; queue itself while there is more.

    Per part one put and a tenth of a message; two calls more. Safe to repeat: parts are cut at the
    same bytes, and those that are there already stay as they are.
    """
    file = _file(file_id)
    if file is None or file.state != SPLITTING:
        return
    if not file.kind:
        _fail(file, Code.FILE_KIND_UNKNOWN)
        return
    try:
        cut, ended = _cut(file)
    except ObjectGone:
        _fail(file, Code.FILE_REPLACED)
        return
    except import_text.Empty:
        _fail(file, Code.FILE_EMPTY)
        return
    except (import_text.Unreadable, UnicodeDecodeError):
        _fail(file, Code.FILE_UNREADABLE)
        return
    for part in cut:
        _put_new(part)
    if ended:
        file.state = APPLYING
    file.update(
        [
            ImportFile.state.set(file.state),
            ImportFile.parts.set(file.parts),
            ImportFile.split_byte.set(file.split_byte),
            ImportFile.split_line.set(file.split_line),
            ImportFile.header.set(file.header),
            *([ImportFile.encoding.set(file.encoding)] if file.encoding else []),
            *([ImportFile.separator.set(file.separator)] if file.separator else []),
        ],
        condition=ImportFile.state == SPLITTING,
    )
    _queue(file_id, [part.part for part in cut], more=not ended)
    if ended and not file.parts:
        end(file_id)


def end(file_id: str) -> None:
    """Write the result when every part is done; else the progress. Safe to repeat."""
    file = _file(file_id)
    if file is None or file.state == DONE:
        return
    if file.state != APPLYING or file.parts_done < file.parts:
        _show_progress(file)
        return
    _finish(file)


def take_up() -> int:
    """Queue again what stands still, for the schedule. The number of uploads that did.

    One query, then per such upload one query of its parts and a message for each that waits.
    """
    found = 0
    now = clock.now()
    patience = timedelta(seconds=settings().IMPORT_STANDS_STILL_SECONDS)
    for opened in open_imports():
        if opened.touched_at > now - patience:
            continue
        found += 1
        file = _file(opened.part)
        if file is None or file.state == DONE:
            opened.delete()
            continue
        opened.update([OpenImport.touched_at.set(now)])
        waiting = [part.part for part in parts_of(file.file) if part.state == WAITING]
        _queue(file.file, waiting, more=file.state == SPLITTING)
        if not waiting:
            end(file.file)
    return found


def stored(file: ImportFile) -> Stored:
    """The object of an upload."""
    return Stored(settings().IMPORT_BUCKET, file.key, file.etag, file.version_id)


def layout(file: ImportFile) -> Layout:
    """How the file is written."""
    if file.header is None:
        return Layout()
    return Layout(str(file.separator), tuple(file.header))


def pack(refusals: list[dict[str, Any]]) -> bytes | None:
    """Refused rows as a part keeps them."""
    return zlib.compress(json.dumps(refusals, ensure_ascii=False).encode()) if refusals else None


def told(line: int | None, field: str | None, code: Code, **params: Any) -> dict[str, Any]:
    """One refused row as the result lists it."""
    return {"line": line, "field": field, "code": code.value, "text": say(DEFAULT, code, **params)}


# --- cutting


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    text: bytes | None
    """None: too long to be read."""
    head: bytes = b""
    """How a line begins that is too long."""


def _lines(pieces: Iterable[bytes], start: int) -> Iterator[_Line]:
    rest = head = b""
    skipped = 0
    position = start
    longest = settings().IMPORT_LINE_BYTES
    for piece in pieces:
        whole = (rest + piece).split(b"\n")
        rest = whole.pop()
        for text in whole:
            end_byte = position + skipped + len(text) + 1
            readable = not skipped and len(text) <= longest
            yield _Line(position, end_byte, text if readable else None, head or text[:HEAD_BYTES])
            position, skipped, head = end_byte, 0, b""
        if len(rest) > longest:
            skipped, rest, head = skipped + len(rest), b"", head or rest[:HEAD_BYTES]
    if rest or skipped:
        end_byte = position + skipped + len(rest)
        readable = not skipped and len(rest) <= longest
        yield _Line(position, end_byte, rest if readable else None, head or rest[:HEAD_BYTES])


def _cut(file: ImportFile) -> tuple[list[ImportPart], bool]:
    """The next parts, and whether they are the last; `file` is moved on, not stored."""
    start = int(file.split_byte)
    if not file.size:
        raise import_text.Empty
    if start >= int(file.size):
        return [], True
    lines = _lines(buckets.stream(stored(file), start), start)
    if start == 0:
        lines = _after_header(file, lines)
    cutter = _Cutter(file)
    for line in lines:
        if cutter.full_before(line):
            return cutter.stop(line.start), False
        cutter.take(line)
    return cutter.stop(int(file.size)), True


def _after_header(file: ImportFile, lines: Iterator[_Line]) -> Iterator[_Line]:
    """Learn how the file is written; the lines that hold rows. Raises Empty or Unreadable."""
    first = next((line for line in lines if not _blank(file, line)), None)
    if first is None:
        raise import_text.Empty
    skipped = 0
    if first.head.startswith(import_text.BOM):
        file.encoding = import_text.UTF_8
        skipped = len(import_text.BOM)
    if first.text is None:
        if not first.head[skipped:].lstrip().startswith(b"{"):
            raise import_text.Unreadable
        return chain([first], lines)
    text = first.text[skipped:].decode(import_text.encoding_of(first.text))
    shown = import_text.layout_of(text)
    if shown.header is None:
        return chain([_Line(first.start + skipped, first.end, first.text[skipped:])], lines)
    if len(import_text.unknown_columns(str(file.kind), shown)) == len(shown.header):
        raise import_text.Unreadable
    file.separator, file.header = shown.separator, list(shown.header)
    file.split_line = int(file.split_line) + 1
    return lines


def _blank(file: ImportFile, line: _Line) -> bool:
    """Whether a line before all rows says nothing; it is counted."""
    empty = line.text is not None and not line.text.removeprefix(import_text.BOM).strip()
    if empty:
        file.split_line = int(file.split_line) + 1
    return empty


class _Cutter:
    """Gathers lines into parts of about IMPORT_PART_BYTES that never part a bill's rows."""

    def __init__(self, file: ImportFile) -> None:
        self._file = file
        self._part_bytes = settings().IMPORT_PART_BYTES
        self._most = settings().IMPORT_PARTS_PER_STEP
        self._line = int(file.split_line)
        self._first: tuple[int, int] | None = None
        self._end = 0
        self._last = b""
        self.parts: list[ImportPart] = []

    def full_before(self, line: _Line) -> bool:
        """Whether `line` begins a part that this step has no place for."""
        begun = len(self.parts) + (self._first is not None)
        return begun >= self._most and (self._first is None or self._begins_another(line))

    def take(self, line: _Line) -> None:
        """Add a line; may close a part before it."""
        if self._first is not None and self._begins_another(line):
            self._close()
        if self._first is None:
            self._first = (line.start, self._line)
        self._end, self._last = line.end, line.text or b""
        if line.text is None:
            self._end = line.start
            self._close(too_long=1)
        self._line += 1

    def stop(self, position: int) -> list[ImportPart]:
        """The parts; the next step goes on at byte `position`."""
        self._close()
        self._file.split_byte, self._file.split_line = position, self._line
        self._file.parts = int(self._file.parts) + len(self.parts)
        return self.parts

    def _begins_another(self, line: _Line) -> bool:
        if line.text is None:
            return True
        if self._first is None or line.end - self._first[0] <= self._part_bytes:
            return False
        return self._parts_at(line.text)

    def _parts_at(self, text: bytes) -> bool:
        shown = layout(self._file)
        key = import_text.key_of(str(self._file.kind), shown, text)
        return key is None or key != import_text.key_of(str(self._file.kind), shown, self._last)

    def _close(self, *, too_long: int = 0) -> None:
        if self._first is None:
            return
        number = int(self._file.parts) + len(self.parts) + 1
        self.parts.append(
            ImportPart(
                self._file.file,
                part_name(number),
                first_byte=self._first[0],
                end_byte=self._end,
                first_line=self._first[1],
                too_long=too_long,
                ttl=self._file.ttl,
            )
        )
        self._first = None


# --- storing


def _file(file_id: str) -> ImportFile | None:
    try:
        return ImportFile.get(file_id, FILE, consistent_read=True)
    except DoesNotExist:
        return None


def _put_new(part: ImportPart) -> None:
    try:
        part.save(ImportPart.part.does_not_exist())
    except PutError as exc:
        if not condition_failed(exc):
            raise


def _queue(file_id: str, parts: list[str], *, more: bool) -> None:
    names = [*parts, *([SPLIT] if more else [])]
    queues.send_batch(settings().IMPORTS_QUEUE, [{"file": file_id, "part": name} for name in names])


def _fail(file: ImportFile, code: Code) -> None:
    file.failure = code.value
    _finish(file)


def _finish(file: ImportFile) -> None:
    now = clock.now()
    file.finished_at = now
    with tempfile.TemporaryFile() as content:
        _write_result(file, content)
        buckets.write(settings().IMPORT_BUCKET, file.key + RESULT, content, "application/json")
    file.update(
        [
            ImportFile.state.set(DONE),
            ImportFile.finished_at.set(now),
            *([ImportFile.failure.set(file.failure)] if file.failure else []),
        ]
    )
    OpenImport(OPEN, file.file).delete()
    kind = file.kind or "unknown"
    for name in ("rows", "applied", "unchanged", "refused"):
        count(f"import_{name}", int(getattr(file, name)), kind=kind)
    log.info("import", extra={"file": file.file, "kind": kind, **_counts(file)})


def _write_result(file: ImportFile, content: IO[bytes]) -> None:
    """The result as JSON, refused rows streamed from the parts in the order of their lines."""
    head = {
        "file": file.key,
        "kind": file.kind,
        **_counts(file),
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


def _show_progress(file: ImportFile) -> None:
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
        **_counts(file),
        "started_at": _stamp(file.started_at),
        "as_of": _stamp(clock.now()),
    }
    with tempfile.TemporaryFile() as content:
        content.write(json.dumps(told_now, ensure_ascii=False, indent=1).encode())
        buckets.write(settings().IMPORT_BUCKET, file.key + PROGRESS, content, "application/json")


def _counts(file: ImportFile) -> dict[str, int]:
    return {name: int(getattr(file, name)) for name in ("rows", "applied", "unchanged", "refused")}


def _stamp(at: Any) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
