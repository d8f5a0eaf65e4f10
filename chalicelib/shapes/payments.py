"""Payments as they enter and leave."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from chalicelib.config import settings
from chalicelib.errors import Code
from chalicelib.shapes.base import (
    AccountNumber,
    AnswerShape,
    AskShape,
    Moment,
    Money,
    PageQuery,
    Period,
    field_error,
)
from chalicelib.shapes.payment_words import ACCOUNTS_IN_ONE_PAYMENT, Status


def _payable(amount: int) -> int:
    if amount > settings().PAYMENT_MAXIMUM:
        raise field_error(Code.OUT_OF_RANGE)
    return amount


class PaymentItemAsk(AskShape):
    """One account's part: what the resident pays in total, insurance in it when asked for."""

    account_number: AccountNumber
    amount: Annotated[int, Field(gt=0), AfterValidator(_payable)]
    """Whole kopecks."""
    with_insurance: bool = False


class CreatePayment(AskShape):
    """Either `items`, or `all_accounts` with the server's amount."""

    all_accounts: bool = False
    with_insurance: bool = False
    """For all accounts; the items say it themselves."""
    items: Annotated[
        list[PaymentItemAsk] | None,
        Field(
            validate_default=True,
            min_length=1,
            json_schema_extra={"maxItems": ACCOUNTS_IN_ONE_PAYMENT},
        ),
    ] = None
    return_url: Annotated[str, Field(max_length=2000)]
    """Gets `payment_id` in its query, and `left=yes` when the page was left without paying."""
    confirm_repeat: bool = False
    """Pay again what was paid minutes ago."""

    @field_validator("items")
    @classmethod
    def _one_of_two(
        cls, items: list[PaymentItemAsk] | None, info: ValidationInfo
    ) -> list[PaymentItemAsk] | None:
        if items is None and not info.data.get("all_accounts"):
            raise field_error(Code.FIELD_REQUIRED)
        if items is not None and info.data.get("all_accounts"):
            raise field_error(Code.EITHER_OR)
        numbers = [item.account_number for item in items or ()]
        if len(numbers) > ACCOUNTS_IN_ONE_PAYMENT:
            raise field_error(Code.TOO_MANY_ACCOUNTS, limit=ACCOUNTS_IN_ONE_PAYMENT)
        if len(set(numbers)) < len(numbers):
            raise field_error(Code.ACCOUNT_REPEATED)
        return items


class PaymentItem(AnswerShape):
    """One account's part of a payment."""

    account_number: str
    amount: Money
    with_insurance: bool
    insurance: Money
    """How much of `amount` is voluntary insurance."""


class CardOut(AnswerShape):
    """A card as the payment provider describes it."""

    brand: str
    last4: str


class PaymentOut(AnswerShape):
    """A payment. Imported ones (`source: billing`) have no page; reversals are negative."""

    id: str
    status: Status
    reason: str | None
    """Why the last try was refused, while nothing is paid: as in `AutopayResult`."""
    source: str
    """`cabinet`, `autopay` or `billing`."""
    amount: Money
    refunded: Money
    items: list[PaymentItem]
    checkout_url: str | None
    """Where to pay, while the payment is open."""
    warnings: list[str]
    """`underpayment`: less than is to be paid; the rest stays a debt."""
    created_at: Moment
    paid_at: Moment | None
    card: CardOut | None


class PaymentsOut(AnswerShape):
    """A page of payments, newest first."""

    items: list[PaymentOut]
    next_cursor: str | None


def _known_status(value: object) -> object:
    return Status(value) if isinstance(value, str) and value in set(Status) else value


class PaymentsQuery(PageQuery):
    """Filters of the list; `from` and `to` are months, both inclusive."""

    account_number: AccountNumber | None = None
    from_: Period | None = None
    to: Period | None = None
    status: Annotated[Status, BeforeValidator(_known_status)] | None = None


class ReceiptSent(AnswerShape):
    """The receipt is on its way."""

    payment_id: str


class Received(AnswerShape):
    """The notification was taken."""

    received: bool = True


class SaveCard(AskShape):
    """Save a card on the provider's page."""

    return_url: Annotated[str, Field(max_length=2000)]
    """Where the page leads back to; gets `left=yes` in its query when no card was saved."""


class CardPage(AnswerShape):
    """Where to enter the card. It shows among the saved ones once the person comes back."""

    setup_url: str


class SavedCard(AnswerShape):
    """A saved card, as the payment provider describes it."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


class SavedCards(AnswerShape):
    """All saved cards of the client, newest first."""

    items: list[SavedCard]
    next_cursor: str | None = None
