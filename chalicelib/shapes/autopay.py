"""Automatic payments as they enter and leave."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from chalicelib.config import settings
from chalicelib.errors import Code
from chalicelib.shapes.base import AnswerShape, AskShape, Moment, Money, field_error
from chalicelib.shapes.payments import CardOut


def _payable(amount: int | None) -> int | None:
    if amount is not None and amount > settings().PAYMENT_MAXIMUM:
        raise field_error(Code.OUT_OF_RANGE)
    return amount


MandateStatus = Literal["waiting_for_card", "active", "paused", "cancelled"]

Payable = Annotated[int, Field(gt=0), AfterValidator(_payable)]


class SetAutopayment(AskShape):
    """Either a fixed `amount` every month, or the bill `up_to` a limit. Whole kopecks."""

    amount: Payable | None = None
    up_to: Annotated[Payable | None, Field(validate_default=True)] = None
    with_insurance: bool = False
    """Whether the bill is paid with its voluntary insurance."""
    return_url: Annotated[str, Field(max_length=2000)] | None = None
    """Where the page to save a card on leads back to, not needed with `card_id`; gets `left=yes` in
    its query when the page was left without one."""
    card_id: Annotated[str, Field(max_length=200)] | None = None
    """A saved card."""

    @field_validator("up_to")
    @classmethod
    def _one_of_two(cls, up_to: int | None, info: ValidationInfo) -> int | None:
        if "amount" not in info.data:
            return up_to  # the amount was refused for itself
        amount = info.data["amount"]
        if amount is None and up_to is None:
            raise field_error(Code.FIELD_REQUIRED)
        if amount is not None and up_to is not None:
            raise field_error(Code.EITHER_OR)
        return up_to


class AutopayResult(AnswerShape):
    """What became of the newest month."""

    month: str
    status: Literal["pending", "paid", "failed", "skipped"]
    reason: str | None
    """A stable word: `insufficient_funds`, `authentication_required`, `over_limit`,
    `nothing_to_pay`, the provider's own codes of refusals and the like."""
    at: Moment
    amount: Money | None
    payment_id: str | None
    next_try_on: date | None
    """When it is tried again."""


class AutopaymentOut(AnswerShape):
    """An automatic payment of the caller's on one account."""

    account_number: str
    status: MandateStatus
    reason: str | None
    """Why it is paused."""
    day: int | None
    """The Moscow day of month on which the card was confirmed; in shorter months the last day."""
    next_charge_on: date | None
    amount: Money | None
    up_to: Money | None
    with_insurance: bool
    card: CardOut | None
    card_id: str | None
    """Of `card`, among the saved cards."""
    setup_url: str | None
    """The provider's page to save a card on, while one is waited for."""
    last_result: AutopayResult | None


class AutopaymentsOut(AnswerShape):
    """All automatic payments of the caller's."""

    items: list[AutopaymentOut]
    next_cursor: None = None
