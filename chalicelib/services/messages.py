"""Deciding on a letter or an SMS: in the transaction of what it tells of, sent by a worker afterwards.

The decision is an item of the outbox, so it is neither lost when the queue cannot be reached nor
made when the change it tells of was refused. `services/delivery.py` sends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from chalicelib.clients import queues
from chalicelib.config import settings
from chalicelib.ids import derived_id
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.outbox import OutboxMessage, stamp, unsent_shard
from chalicelib.observability import count, log
from chalicelib.shapes.letters import PARAMS, MessageKind

__all__ = ["Message", "MessageKind", "dispatch", "intend", "intend_alone", "message_label"]


@dataclass(frozen=True)
class Message:
    """One message. `kind` and `key` make it one: deciding on the same again is the same message.

    `params` are checked against the kind's shape in `shapes/letters.py`. Without `to` it goes to
    the client's confirmed e-mail (channel `sms`: phone) at the time of sending, without
    `language` in the client's. `sms_if_no_email`: by SMS when there is no address to write to.
    `asked_for`: the person asked for this very message, so notification settings do not apply.
    """

    kind: MessageKind
    client_id: str | None
    key: str
    params: dict[str, Any]
    to: str | None = None
    channel: Literal["email", "sms"] = "email"
    language: Literal["ru", "en"] | None = None
    sms_if_no_email: bool = False
    asked_for: bool = False

    @property
    def message_id(self) -> str:
        """The same for the same kind and key."""
        return derived_id("msg", self.kind.value, self.key)


def message_label(message_id: str) -> str:
    """How a transaction names the part that stores this message."""
    return f"message:{message_id}"


def intend(t: Transaction, message: Message, at: datetime) -> str:
    """Add the message to the caller's transaction; its id. No call.

    The part refuses the whole transaction (label `message:<id>`) when this message was decided on
    before: a transaction that tells of something happens once, as the message does. A caller that
    can be repeated has a condition of its own that refuses first, or reads that label as "done".
    Raises pydantic.ValidationError when `params` do not fit the kind.
    """
    item = _item(message, at)
    t.put(message_label(item.message_id), item, OutboxMessage.message_id.does_not_exist())
    return item.message_id


def intend_alone(message: Message, at: datetime) -> str:
    """Decide on a message that nothing else is written with; repeating it changes nothing. One write."""
    t = Transaction()
    message_id = intend(t, message, at)
    try:
        t.commit()
    except Refusal:
        log.debug("message known", extra={"message_id": message_id})
    return message_id


def dispatch(message_ids: Iterable[str]) -> None:
    """Queue decided messages, after the commit: one call per ten.

    A queue that cannot be reached is no failure: `resend_unsent` finds the messages later.
    """
    ids = list(message_ids)
    if not ids:
        return
    try:
        queues.send_batch(settings().MESSAGES_QUEUE, ({"message_id": each} for each in ids))
    except queues.NotQueued:
        count("messages_not_queued", len(ids))
        log.warning("messages not queued", extra={"message_ids": ids})


def _item(message: Message, at: datetime) -> OutboxMessage:
    shape = PARAMS[message.kind].model_validate(message.params)
    return OutboxMessage(
        message_id=message.message_id,
        kind=message.kind.value,
        client_id=message.client_id,
        to=message.to,
        channel=message.channel,
        language=message.language,
        sms_if_no_email=message.sms_if_no_email,
        asked_for=message.asked_for,
        params=shape.model_dump(mode="json"),
        created_at=stamp(at),
        unsent=unsent_shard(message.message_id),
    )
