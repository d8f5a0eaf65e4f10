"""Cutting a file of the billing into parts: ranges of whole lines that never part a bill's rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from chalicelib.clients import buckets
from chalicelib.clients.buckets import Stored
from chalicelib.config import settings
from chalicelib.models.imports import ImportFile, ImportPart, part_name
from chalicelib.rules import import_text
from chalicelib.rules.import_text import Layout

HEAD_BYTES: Final = 64


def stored(file: ImportFile) -> Stored:
    """The object of an upload."""
    return Stored(settings().IMPORT_BUCKET, file.key, file.etag, file.version_id)


def layout(file: ImportFile) -> Layout:
    """How the file is written."""
    if file.header is None:
        return Layout()
    return Layout(str(file.separator), tuple(file.header))


def next_parts(file: ImportFile) -> tuple[list[ImportPart], bool]:
    """The next parts, and whether they are the last; `file` is moved on, not stored.

    One read of the object. Raises ObjectGone, Empty, Unreadable, UnicodeDecodeError.
    """
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
