"""What mail providers answer: an address that bounced for good or complained gets no more letters."""

from typing import Literal

from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.models.base import condition_failed
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.outbox import OutboxMessage
from chalicelib.observability import count
from chalicelib.services.delivery import address_hash


def stop_mail(message_id: str, why: Literal["bounce", "complaint"]) -> bool:
    """Stop letters to the address that this message went to, if it is still its client's.

    Safe to repeat. Two reads and at most one write. False: there is nothing to stop.
    """
    count("mail_returned", why=why)
    message = _message(message_id)
    if message is None or message.client_id is None or message.sent_to is None:
        return False
    client = _client(message.client_id)
    if client is None or client.email is None or address_hash(client.email) != message.sent_to:
        return False
    try:
        client.update(
            [Client.email_stopped.set(why)],
            Client.email == client.email,
            add_version_condition=False,
        )
    except UpdateError as exc:
        if condition_failed(exc):
            return False  # the address was changed just now
        raise
    return True


def _message(message_id: str) -> OutboxMessage | None:
    try:
        return OutboxMessage.get(message_id, consistent_read=True)
    except DoesNotExist:
        return None


def _client(client_id: str) -> Client | None:
    try:
        return Client.get(client_id, PROFILE, consistent_read=True)
    except DoesNotExist:
        return None
