"""Single-use links that letters carry: made in a transaction, found by token, used in another one."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.config import settings
from chalicelib.errors import Code, Gone
from chalicelib.models.base import Transaction
from chalicelib.models.link import Link

LIFETIME: Final = timedelta(hours=60)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class LinkPurpose(StrEnum):
    """What a link does; the value is its path in the web cabinet."""

    CONFIRM_EMAIL = "confirm-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - a path


@dataclass(frozen=True)
class MadeLink:
    """A link as the letter shows it, and what names it in our own keys."""

    purpose: LinkPurpose
    url: str
    key: str


def new(purpose: LinkPurpose) -> MadeLink:
    """A link that nobody knows yet and that opens nothing until it is stored."""
    token = secrets.token_urlsafe(32)
    return MadeLink(purpose, f"{settings().PUBLIC_URL}/{purpose.value}?token={token}", _key(token))


def store(t: Transaction, link: MadeLink, client_id: str | None, email: str, at: datetime) -> None:
    """Add the link to `t`. Without a client it opens nothing (and costs the same)."""
    ends = int((at + LIFETIME).timestamp())
    t.put(
        "link",
        Link(
            link.key,
            purpose=link.purpose.value,
            client_id=client_id,
            email=email,
            expires_at=ends,
            ttl=ends,
        ),
    )


def find(token: str, purpose: LinkPurpose, at: datetime) -> Link:
    """The living link of a token: one read. Raises Gone (`link_gone`)."""
    if not _TOKEN.fullmatch(token):
        raise gone()
    try:
        link = Link.get(_key(token), consistent_read=True)
    except DoesNotExist as exc:
        raise gone() from exc
    owner: str | None = link.client_id
    if link.purpose != purpose.value or link.expires_at <= at.timestamp() or owner is None:
        raise gone()
    return link


def use(t: Transaction, link: Link) -> None:
    """Add to `t`, as `link`: it is used now. Refuses a second use."""
    t.delete("link", link, Link.login.exists())


def gone() -> Gone:
    """The refusal of a link that is used, too old or never was."""
    return Gone(Code.LINK_GONE)


def _key(token: str) -> str:
    return f"token#{hashlib.sha256(token.encode()).hexdigest()}"
