"""Shapes of accounts: linking, and what a holder sees."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from chalicelib.errors import Code
from chalicelib.shapes.autopay import MandateStatus
from chalicelib.shapes.base import (
    AccountNumber,
    AnswerShape,
    AskShape,
    Moment,
    Money,
    PlainText,
    field_error,
)

AccountName = Annotated[PlainText, Field(min_length=1, max_length=60)]
"""The client's own word for an account."""


class AddAccount(AskShape):
    """Link by a proof, or by the number alone, which stays unproven. One of the two."""

    name: AccountName | None = None
    proof_id: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    account_number: Annotated[AccountNumber | None, Field(validate_default=True)] = None

    @field_validator("account_number")
    @classmethod
    def _one_of_two(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "proof_id" not in info.data:
            return value  # refused for its own reason
        proof = info.data["proof_id"]
        if value is not None and proof is not None:
            raise field_error(Code.EITHER_OR)
        if value is None and proof is None:
            raise field_error(Code.FIELD_REQUIRED)
        return value


class ChangeAccount(AskShape):
    """What changes; what is left out stays. A name of null takes the name away."""

    name: AccountName | None = None
    primary: Literal[True] | None = None
    """The former primary account steps back by itself."""

    @field_validator("primary", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: object) -> object:
        # To Python 1 equals True, and a literal asks for no more.
        if value is not None and not isinstance(value, bool):
            raise field_error(Code.WRONG_TYPE)
        return value


class BalanceOut(AnswerShape):
    """What is to be paid now, with every payment that settled since the newest bill."""

    to_pay: Money
    to_pay_without_insurance: Money
    advance: Money
    debt_at_start: Money
    """Negative: an advance."""
    charged: Money
    paid: Money
    as_of: Moment | None


class ReadingWindowOut(AnswerShape):
    """The window that is open, else the next one; both days inclusive, in Moscow."""

    opens_on: date
    closes_on: date
    open: bool


class AccountOut(AnswerShape):
    """An account. Of one that is not proven only the first four are told, the rest is null."""

    account_number: str
    name: str | None
    primary: bool
    verified: bool
    address: str | None = None
    owner_name: str | None = None
    total_area: str | None = None
    """Square metres, as `living_area`."""
    living_area: str | None = None
    residents: int | None = None
    registered: int | None = None
    ownership: str | None = None
    balance: BalanceOut | None = None
    insurance_available: bool | None = None
    bill_period: str | None = None
    bill_due_on: str | None = None
    """The day by which the newest bill is to be paid."""
    autopayment: MandateStatus | None = None
    """The state of the caller's automatic payment on it; null where there is none."""
    reading_window: ReadingWindowOut | None = None


class AccountsOut(AnswerShape):
    """A page of accounts, the primary one first; the totals are over all of them."""

    items: list[AccountOut]
    next_cursor: str | None
    total_to_pay: Money
    all_paid: bool


class SupplierContactsOut(AnswerShape):
    """How to reach a supplier, as the billing tells it."""

    address: str | None = None
    phones: list[str] = Field(default_factory=list)
    site: str | None = None
    bank_details: str | None = None


class SupplierOut(AnswerShape):
    """A supplier of services on the account."""

    number: str
    name: str
    services: list[str]
    contacts: SupplierContactsOut


class SuppliersOut(AnswerShape):
    """All suppliers of one account."""

    items: list[SupplierOut]
    next_cursor: None = None
