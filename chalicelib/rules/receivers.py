"""Whether a message may go, by which channel and where: consent to be written to, in one place.

Letters go only to a confirmed address (but for the one that asks to confirm it, and the one that
tells a former address that it is none any more), nothing goes to an address that bounced or
complained, and notices go as their reader chose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from chalicelib.rules.notifications import chosen as chosen_channels
from chalicelib.rules.sms_texts import LETTERS_ONLY
from chalicelib.shapes.letters import MessageKind

Channel = Literal["email", "sms"]

NOTICES: Final[dict[MessageKind, str]] = {
    MessageKind.RECEIPT: "payments",
    MessageKind.READING_REMINDER: "readings",
    MessageKind.AUTOPAY_ACTIVE: "autopay",
    MessageKind.AUTOPAY_TOMORROW: "autopay",
    MessageKind.AUTOPAY_FAILED: "autopay",
    MessageKind.AUTOPAY_PAUSED: "autopay",
    MessageKind.AUTOPAY_CANCELLED: "autopay",
    MessageKind.CONNECTION_ACCEPTED: "requests",
}
"""Kinds that a client can do without, by the word for them in the notification settings.

The others guard the client's access or are asked for; without AUTOPAY_AUTHENTICATION nothing can
be paid, so it is no notice either.
"""


class Reason(StrEnum):
    """Why nothing is sent."""

    NO_ADDRESS = "no_confirmed_address"
    STOPPED = "address_stopped"
    NOT_WANTED = "not_wanted"
    ADDRESS_CHANGED = "address_changed"
    NO_CLIENT = "no_client"
    NO_TEXT = "no_text_for_channel"
    UNDELIVERABLE = "refused_for_ever"
    AMBIGUOUS = "outcome_unknown_twice"
    TOO_OLD = "too_old"


@dataclass(frozen=True)
class Wanted:
    """What the decision on a message says about where it goes."""

    kind: MessageKind
    channel: Channel = "email"
    to: str | None = None
    sms_if_no_email: bool = False
    asked_for: bool = False
    has_client: bool = True


@dataclass(frozen=True)
class Reader:
    """What is known of the client now. `notifications` as the profile stores them."""

    phone: str
    email: str | None = None
    email_confirmed: bool = False
    email_stopped: bool = False
    notifications: Mapping[str, Sequence[str]] = field(default_factory=dict)
    no_email_notices: bool = False
    """The consent to notices by e-mail was withdrawn."""


@dataclass(frozen=True)
class Route:
    """By which channel and to which address."""

    channel: Channel
    to: str


def route(wanted: Wanted, reader: Reader | None) -> Route | Reason:
    """Where a message goes, or why it goes nowhere."""
    if reader is None:
        return _without_client(wanted)
    allowed = _channels(wanted, reader)
    if wanted.channel == "sms":
        if "sms" not in allowed:
            return Reason.NOT_WANTED
        return _by_sms(wanted.kind, wanted.to or reader.phone)
    if wanted.kind in _OF_ANOTHER_ADDRESS:
        return _OF_ANOTHER_ADDRESS[wanted.kind](wanted, reader)
    by_email = _by_email(wanted, reader) if "email" in allowed else Reason.NOT_WANTED
    if isinstance(by_email, Route):
        return by_email
    chosen = wanted.kind in NOTICES and "sms" in allowed and not wanted.asked_for
    falls_back = wanted.sms_if_no_email and by_email is not Reason.NOT_WANTED
    return _by_sms(wanted.kind, reader.phone) if chosen or falls_back else by_email


def _without_client(wanted: Wanted) -> Route | Reason:
    if wanted.has_client:
        return Reason.NO_CLIENT
    if wanted.to is None:
        return Reason.NO_ADDRESS
    if wanted.channel == "sms":
        return _by_sms(wanted.kind, wanted.to)
    if wanted.kind is MessageKind.EMAIL_CONFIRMATION:
        return Route("email", wanted.to)
    return Reason.NO_ADDRESS


def _channels(wanted: Wanted, reader: Reader) -> Sequence[str]:
    if wanted.asked_for or wanted.kind not in NOTICES:
        return ("email", "sms")
    chosen = chosen_channels(reader.notifications)[NOTICES[wanted.kind]]
    return [each for each in chosen if not (each == "email" and reader.no_email_notices)]


def _to_be_confirmed(wanted: Wanted, reader: Reader) -> Route | Reason:
    address = wanted.to or reader.email
    if address is None:
        return Reason.NO_ADDRESS
    if address != reader.email:
        return Reason.ADDRESS_CHANGED
    if reader.email_stopped:
        return Reason.STOPPED
    return Route("email", address)


def _to_the_former(wanted: Wanted, _: Reader) -> Route | Reason:
    """It was confirmed until what the letter tells of."""
    return Reason.NO_ADDRESS if wanted.to is None else Route("email", wanted.to)


_OF_ANOTHER_ADDRESS: Final = {
    MessageKind.EMAIL_CONFIRMATION: _to_be_confirmed,
    MessageKind.EMAIL_CHANGED: _to_the_former,
}
"""Kinds that do not go to the confirmed address."""


def _by_email(wanted: Wanted, reader: Reader) -> Route | Reason:
    if reader.email is None or not reader.email_confirmed:
        return Reason.NO_ADDRESS
    if wanted.to is not None and wanted.to != reader.email:
        return Reason.ADDRESS_CHANGED
    if reader.email_stopped:
        return Reason.STOPPED
    return Route("email", reader.email)


def _by_sms(kind: MessageKind, phone: str) -> Route | Reason:
    return Reason.NO_TEXT if kind in LETTERS_ONLY else Route("sms", phone)
