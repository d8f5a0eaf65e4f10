"""A file of the billing from the bucket to the tables: begun, cut into parts, ended with a result.

A file is cut into ranges of whole lines and each range is a message, so a file of any size takes
little memory and what broke off goes on where it was. `import_cut.py` cuts, `import_parts.py` takes
in one part, `import_results.py` writes what stands beside the file.
"""

import re
from datetime import timedelta
from typing import Final

from pynamodb.exceptions import DoesNotExist, PutError

from chalicelib import clock, ids
from chalicelib.clients import queues
from chalicelib.clients.buckets import ObjectGone
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
    parts_of,
)
from chalicelib.observability import count, log
from chalicelib.rules import import_text
from chalicelib.services import import_cut, import_results

KINDS: Final = ("accounts", "bills", "meters", "payments")
SPLIT: Final = "split"
KEPT: Final = timedelta(days=180)
"""How long an upload is remembered here; the result beside the file stays."""


def begin(key: str, etag: str, size: int, version_id: str | None, sequencer: str) -> str | None:
    """An object came into the import bucket: note it and queue its cutting. The upload's id.

    None for what we wrote ourselves. The same event again changes nothing; the same file uploaded
    again is a new upload. One transaction of two puts, one message.
    """
    if key.endswith((import_results.RESULT, import_results.PROGRESS)):
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
        cut, ended = import_cut.next_parts(file)
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
        import_results.show_progress(file)
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
    import_results.write_result(file)
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
    log.info("import", extra={"file": file.file, "kind": kind, **import_results.counts_of(file)})
