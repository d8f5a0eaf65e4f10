"""What each kind of message is filled with: checked when it is decided on, not when it is sent.

Money is kopecks, days are Moscow days, moments UTC. `address` is the account's postal address.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict


class MessageKind(StrEnum):
    """Every letter and SMS that the product sends, except codes of sign-in."""

    EMAIL_CONFIRMATION = "email_confirmation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind, not a secret
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PHONE_CHANGED = "phone_changed"
    EMAIL_CHANGED = "email_changed"
    NEW_SIGN_IN = "new_sign_in"
    NEW_HOLDER = "new_holder"
    RECEIPT = "receipt"
    READING_REMINDER = "reading_reminder"
    AUTOPAY_ACTIVE = "autopay_active"
    AUTOPAY_TOMORROW = "autopay_tomorrow"
    AUTOPAY_FAILED = "autopay_failed"
    AUTOPAY_AUTHENTICATION = "autopay_authentication"
    AUTOPAY_PAUSED = "autopay_paused"
    AUTOPAY_CANCELLED = "autopay_cancelled"
    CONNECTION_ACCEPTED = "connection_accepted"


LINE = 300


def one_line(text: str) -> str:
    """`text` on one line of at most 300 characters.

    Cut and cleaned, never refused: no name or address may keep a payment from being settled.
    """
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:LINE]


Line = Annotated[str, AfterValidator(one_line)]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LinkParams(_Params):
    """A link with a single-use token and the hours it lives."""

    link: str
    hours: int = 60


class MomentParams(_Params):
    """When it happened."""

    at: datetime


class PhoneChangedParams(_Params):
    """The new number, masked."""

    phone: Line
    at: datetime


class SignInParams(_Params):
    """A device as it calls itself, and when it signed in."""

    device: Line
    at: datetime


class AccountParams(_Params):
    """One account."""

    account_number: Line
    address: Line | None = None


class NewHolderParams(AccountParams):
    """Somebody else has proven the same account."""

    at: datetime


class Card(_Params):
    """A card as the payment provider shows it."""

    brand: Line
    last4: Line


class ReceiptItem(AccountParams):
    """One line of a payment. `insurance` (kopecks) is part of `amount`."""

    amount: int
    insurance: int = 0


class ReceiptParams(_Params):
    """A settled payment, whole."""

    payment_id: Line
    paid_at: datetime
    amount: int
    items: list[ReceiptItem]
    card: Card | None = None


class MeterToRead(_Params):
    """A meter as its owner knows it; `service` is a stable word such as `cold_water` or a name."""

    number: Line
    service: Line


class ReadingReminderParams(AccountParams):
    """Meters that have no reading yet in the window that is open."""

    closes_on: date
    meters: list[MeterToRead]


class AutopayActiveParams(AccountParams):
    """What was agreed: a fixed `amount`, or the bill `up_to` a limit."""

    day: int
    next_charge_on: date
    amount: int | None = None
    up_to: int | None = None
    card: Card | None = None


class AutopayTomorrowParams(AccountParams):
    """What the charge of `charge_on` will do. `amount` is what is to pay, `up_to` the limit."""

    charge_on: date
    outcome: Literal["will_pay", "nothing_to_pay", "over_limit"]
    amount: int = 0
    up_to: int | None = None
    card: Card | None = None


class AutopayFailedParams(AccountParams):
    """A refused charge; `reason` is a stable word, unknown ones read as "the bank refused"."""

    amount: int
    reason: Line = "declined"
    next_try_on: date | None = None


class AutopayAuthenticationParams(AccountParams):
    """The bank asks the owner to confirm this charge at `link`."""

    amount: int
    link: str


class AutopayPausedParams(AccountParams):
    """Why it waits: `card_removed`, `failures`."""

    reason: Literal["card_removed", "failures"] = "card_removed"


class ConnectionAcceptedParams(_Params):
    """An application to connect an address."""

    number: Line
    address: Line | None = None


PARAMS: Final[dict[MessageKind, type[BaseModel]]] = {
    MessageKind.EMAIL_CONFIRMATION: LinkParams,
    MessageKind.PASSWORD_RESET: LinkParams,
    MessageKind.PASSWORD_CHANGED: MomentParams,
    MessageKind.PHONE_CHANGED: PhoneChangedParams,
    MessageKind.EMAIL_CHANGED: MomentParams,
    MessageKind.NEW_SIGN_IN: SignInParams,
    MessageKind.NEW_HOLDER: NewHolderParams,
    MessageKind.RECEIPT: ReceiptParams,
    MessageKind.READING_REMINDER: ReadingReminderParams,
    MessageKind.AUTOPAY_ACTIVE: AutopayActiveParams,
    MessageKind.AUTOPAY_TOMORROW: AutopayTomorrowParams,
    MessageKind.AUTOPAY_FAILED: AutopayFailedParams,
    MessageKind.AUTOPAY_AUTHENTICATION: AutopayAuthenticationParams,
    MessageKind.AUTOPAY_PAUSED: AutopayPausedParams,
    MessageKind.AUTOPAY_CANCELLED: AccountParams,
    MessageKind.CONNECTION_ACCEPTED: ConnectionAcceptedParams,
}
