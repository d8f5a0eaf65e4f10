"""Shapes of proving an account."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from chalicelib.errors import Code
from chalicelib.shapes.base import (
    PERIOD_PATTERN,
    AccountNumber,
    AnswerShape,
    AskShape,
    Kopecks,
    Period,
    field_error,
)

QUESTION_PATTERN = "^charged-" + PERIOD_PATTERN.removeprefix("^")


class QuestionsQuery(AskShape):
    """Whose questions. They are alike for every number, so a form may ask before it has one."""

    account_number: AccountNumber | None = None


class QuestionOut(AnswerShape):
    """A control question; the answer is an amount in kopecks."""

    question_id: str
    text: str
    period: str


class QuestionsOut(AnswerShape):
    """The questions, newest month first; alike for every number."""

    items: list[QuestionOut]
    next_cursor: None = None


class ProveAccount(AskShape):
    """A bill's month and its amount to pay, or a control question and its answer. One of the two."""

    account_number: AccountNumber
    amount: Kopecks
    period: Period | None = None
    question_id: Annotated[
        Annotated[str, Field(pattern=QUESTION_PATTERN)] | None, Field(validate_default=True)
    ] = None

    @field_validator("question_id")
    @classmethod
    def _one_of_two(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "period" not in info.data:
            return value  # refused for its own reason
        period = info.data["period"]
        if value is not None and period is not None:
            raise field_error(Code.EITHER_OR)
        if value is None and period is None:
            raise field_error(Code.FIELD_REQUIRED)
        return value


class ProofOut(AnswerShape):
    """A proof: show the address, ask "is it yours?", then link with `proof_id`."""

    proof_id: str
    address: str
    expires_in_seconds: int
