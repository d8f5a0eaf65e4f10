"""Consents: separate records with the version and the hash of the text, given and withdrawn."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pynamodb.exceptions import PutError

from chalicelib.errors import Code, NotFound, Unavailable
from chalicelib.models.base import Refusal, condition_failed
from chalicelib.models.conditional import update_alone
from chalicelib.models.consent import PREFIX, Consent, consent_item
from chalicelib.rules.consents import CURRENT, file_name
from chalicelib.services.origins import Origin
from chalicelib.shapes.profile import ConsentOut, ConsentsOut, ConsentText, ConsentTexts
from chalicelib.shapes.signin import ConsentKind
from chalicelib.texts import Language

TRIES: Final = 5
_FOLDER: Final = Path(__file__).parent.parent / "consents"

Note = Mapping[str, Any]
"""Consents given before there is a client to keep them: kinds, when and from where."""


def noted(kinds: Iterable[ConsentKind], origin: Origin, at: datetime) -> dict[str, Any]:
    """The note of consents given now, as plain data."""
    return {
        "kinds": sorted({kind.value for kind in kinds}),
        "at": at.isoformat(),
        "language": origin.language,
        "channel": origin.channel,
        "address": origin.address,
        "user_agent": origin.user_agent,
    }


def include(notes: Iterable[Note], kind: ConsentKind) -> bool:
    """Whether one of the notes gives `kind`."""
    return any(kind.value in note.get("kinds", ()) for note in notes)


def records(client_id: str, notes: Sequence[Note]) -> list[Consent]:
    """What the notes become for `client_id`, not stored: one record per kind, the earliest."""
    found: dict[str, Consent] = {}
    for note in notes:
        for kind in note.get("kinds", ()):
            if kind not in found:
                found[kind] = _record(client_id, kind, note)
    return list(found.values())


def _record(client_id: str, kind: str, note: Note) -> Consent:
    at = datetime.fromisoformat(note["at"])
    version = CURRENT[kind]
    return Consent(
        client_id,
        consent_item(kind, at),
        kind=kind,
        version=version,
        text_sha256=text_sha256(kind, version, note["language"]),
        language=note["language"],
        given_at=at,
        channel=note["channel"],
        address=note["address"],
        user_agent=note["user_agent"],
    )


def of(client_id: str) -> ConsentsOut:
    """The newest consent of each kind ever given: one query."""
    newest = {record.kind: record for record in _all(client_id)}
    return ConsentsOut(items=[_out(newest[kind]) for kind in CURRENT if kind in newest])


def texts_in_force(language: Language) -> ConsentTexts:
    """What can be consented to, in a language. Touches no table."""
    return ConsentTexts(
        items=[
            ConsentText(
                kind=ConsentKind(kind), version=version, text=_text(kind, version, language)
            )
            for kind, version in CURRENT.items()
        ]
    )


def give(client_id: str, kind: str, origin: Origin, at: datetime) -> ConsentOut:
    """Consent to the text in force. Already given and not withdrawn: nothing new is recorded.

    A query and a write. Raises Unavailable when others kept giving and withdrawing it meanwhile.
    """
    _require_kind(kind)
    for _ in range(TRIES):
        standing = _newest(client_id, kind)
        if standing is not None and _in_force(standing):
            return _out(standing)
        if standing is not None:  # what was given later stands, so this has to be later
            at = max(at, standing.given_at + timedelta(microseconds=1))
        record = _record(client_id, kind, noted([ConsentKind(kind)], origin, at))
        try:
            record.save(Consent.item.does_not_exist())
        except PutError as exc:
            if not condition_failed(exc):
                raise
        else:
            return _out(record)
    raise Unavailable(Code.TRY_AGAIN)


def withdraw(client_id: str, kind: str, at: datetime) -> None:
    """Withdraw a consent, if it stands: the record stays, with the time. A read and a write."""
    _require_kind(kind)
    standing = _newest(client_id, kind)
    if standing is None or _withdrawn_at(standing) is not None:
        return
    with suppress(Refusal):  # another withdrawal came first
        update_alone(
            "consent",
            standing,
            [Consent.withdrawn_at.set(at)],
            Consent.item.exists() & Consent.withdrawn_at.does_not_exist(),
        )


def withdrawn(client_id: str, kind: ConsentKind) -> bool:
    """Whether the newest consent of a kind was withdrawn; no when it was never given. One query."""
    newest = _newest(client_id, kind.value)
    return newest is not None and _withdrawn_at(newest) is not None


def _in_force(record: Consent) -> bool:
    return _withdrawn_at(record) is None and record.version == CURRENT[record.kind]


def _withdrawn_at(record: Consent) -> datetime | None:
    return record.withdrawn_at


def _require_kind(kind: str) -> None:
    if kind not in CURRENT:
        raise NotFound


def _all(client_id: str) -> Iterable[Consent]:
    """Every record, kind by kind, oldest first."""
    return Consent.query(client_id, Consent.item.startswith(PREFIX), consistent_read=True)


def _newest(client_id: str, kind: str) -> Consent | None:
    found = Consent.query(
        client_id,
        Consent.item.startswith(f"{PREFIX}{kind}#"),
        consistent_read=True,
        scan_index_forward=False,
        limit=1,
    )
    return next(iter(found), None)


def _out(record: Consent) -> ConsentOut:
    return ConsentOut(
        kind=ConsentKind(record.kind),
        version=record.version,
        given_at=record.given_at,
        channel=record.channel,
        withdrawn_at=_withdrawn_at(record),
    )


@lru_cache(maxsize=32)
def text_sha256(kind: str, version: str, language: str) -> str:
    """The hash of the text that a person of `language` was shown."""
    return hashlib.sha256(_text(kind, version, language).encode()).hexdigest()


def _text(kind: str, version: str, language: str) -> str:
    return (_FOLDER / file_name(kind, version, language)).read_text(encoding="utf-8")
