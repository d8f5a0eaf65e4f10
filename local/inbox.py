"""Every SMS and letter that the system sent: one SQLite file that survives a kill, or memory."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

PAGE = 500
"""Messages in one answer, at most."""


@dataclass(frozen=True)
class Sent:
    """One message as its receiver sees it. `raw` is the whole letter as it went out."""

    channel: Literal["sms", "email"]
    to: str
    subject: str
    text: str
    html: str
    sent_at: str
    raw: bytes = b""

    def public(self) -> dict[str, Any]:
        """The fields that `/_local/inbox` shows."""
        return {k: v for k, v in asdict(self).items() if k != "raw"}


class Inbox:
    """Where all local mail ends. Safe to use from many threads."""

    def __init__(self, path: Path | None, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, isolation_level=None
        )
        if path:
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY, channel TEXT, receiver TEXT,"
            " subject TEXT, text TEXT, html TEXT, sent_at TEXT, raw BLOB)"
        )
        self._db.execute("CREATE INDEX IF NOT EXISTS by_receiver ON sent (receiver, id)")

    def keep_sms(self, to: str, text: str) -> None:
        """Store an SMS."""
        self._keep(Sent("sms", to, "", text, "", self._stamp()))

    def keep_letter(self, to: str, letter: EmailMessage, raw: bytes) -> None:
        """Store a letter whole, under one of its receivers."""
        sent = Sent(
            channel="email",
            to=to.lower(),
            subject=str(letter["subject"] or ""),
            text=_part(letter, "plain"),
            html=_part(letter, "html"),
            sent_at=self._stamp(),
            raw=raw,
        )
        self._keep(sent)

    def messages(self, to: str | None = None, limit: int = PAGE) -> list[Sent]:
        """Newest first; only those to one phone or address when `to` is given."""
        where, values = ("WHERE receiver = ?", [to.lower()]) if to else ("", [])
        with self._lock:
            rows = self._db.execute(
                "SELECT channel, receiver, subject, text, html, sent_at, raw FROM sent "  # noqa: S608 - no input in the text
                f"{where} ORDER BY id DESC LIMIT ?",
                [*values, limit],
            ).fetchall()
        return [Sent(*row) for row in rows]

    def sms(self, phone: str) -> list[Sent]:
        """SMS to `phone`, newest first."""
        return [m for m in self.messages(phone) if m.channel == "sms"]

    def mail(self, address: str) -> list[Sent]:
        """Letters to `address`, newest first."""
        return [m for m in self.messages(address) if m.channel == "email"]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _keep(self, sent: Sent) -> None:
        with self._lock:
            self._db.execute(
                "INSERT INTO sent (channel, receiver, subject, text, html, sent_at, raw)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    sent.channel,
                    sent.to,
                    sent.subject,
                    sent.text,
                    sent.html,
                    sent.sent_at,
                    sent.raw,
                ),
            )

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _part(letter: EmailMessage, kind: Literal["plain", "html"]) -> str:
    body = letter.get_body((kind,))
    return str(body.get_content()) if body is not None else ""
