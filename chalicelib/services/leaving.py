"""Leaving: without consent to the processing of personal data there is no cabinet.

The client's record stays, for whoever comes back and because payments point at it; what the
client may see and do ends. Signing in again needs the consent anew (`services/signin.py`).
"""

from contextlib import suppress
from datetime import datetime

from chalicelib.errors import NotFound
from chalicelib.models.base import Transaction
from chalicelib.models.client import Client
from chalicelib.models.holder import held_by
from chalicelib.models.session import Session
from chalicelib.observability import count
from chalicelib.services import accounts, clients, consents, sessions
from chalicelib.shapes.signin import ConsentKind


def withdraw_consent(client_id: str, kind: str, at: datetime) -> None:
    """Withdraw a consent; that to the processing of personal data ends all it allowed.

    Every session ends, every account is let go of, automatic payments on them end. Safe to repeat
    after a failure on the way. Raises NotFound for what is no kind.
    """
    if kind == ConsentKind.PERSONAL_DATA:
        _close(client_id, at)
    consents.withdraw(client_id, kind, at)


def _close(client_id: str, at: datetime) -> None:
    def mark(profile: Client) -> list[Session]:
        t = Transaction()
        t.update("profile", profile, [Client.left_at.set(at)], Client.item.exists())
        more = sessions.end_others_in(t, client_id, None)
        t.commit()
        return more

    sessions.end_all(clients.on_profile(client_id, mark))
    held, _ = held_by(client_id)
    for each in held:
        with suppress(NotFound):  # let go of meanwhile
            accounts.unlink(client_id, each.account_number)
    count("clients_left")
