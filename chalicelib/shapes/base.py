"""What all shapes share: strictness, money, periods, and text that people type.

A shape says what may enter or leave, never what it means: rules do that. Field errors carry the
words of `errors.Code`, so a shape that refuses for its own reason raises `field_error(code)`.
"""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from chalicelib.errors import Code


class AskShape(BaseModel):
    """Base of what enters: unknown fields, wrong types and coercions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NoFields(AskShape):
    """The body of an operation that needs none: nothing, or an empty object."""


class AnswerShape(BaseModel):
    """Base of what leaves. Fields may be added in later versions, so the schema stays open."""

    model_config = ConfigDict(frozen=True)


def field_error(code: Code, **params: Any) -> PydanticCustomError:
    """An error of one field with one of our codes, to be raised inside a validator."""
    return PydanticCustomError(code.value, code.value, params or None)


class Money(AnswerShape):
    """An amount: whole kopecks and the currency."""

    amount: int
    currency: str = "RUB"


def roubles(kopecks: int) -> Money:
    """`kopecks` as the API shows money."""
    return Money(amount=kopecks)


_WORD = re.compile(r"\w+")


def _clean_text(value: str) -> str:
    value = unicodedata.normalize("NFC", value).strip()
    # What is printable has none of these; files have millions of cells.
    if not value.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in value
    ):
        raise field_error(Code.CONTROL_CHARACTERS)
    return value


def _one_alphabet_per_word(value: str) -> str:
    for word in _WORD.findall(value):
        if len({_alphabet(character) for character in word} - {None}) > 1:
            raise field_error(Code.MIXED_ALPHABETS)
    return value


def _alphabet(character: str) -> str | None:
    return unicodedata.name(character, "?").split(" ")[0] if character.isalpha() else None


Text = Annotated[str, AfterValidator(_clean_text)]
"""Text that a person typed: trimmed, NFC, without control or invisible characters."""

PlainText = Annotated[Text, AfterValidator(_one_alphabet_per_word)]
"""Text whose words do not mix alphabets (a Latin "o" inside a Cyrillic name)."""

AccountNumber = Annotated[str, Field(pattern=r"^[0-9]{6,20}$")]
"""A personal account's number: digits only, leading zeros kept."""

PERIOD_PATTERN = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
Period = Annotated[str, Field(pattern=PERIOD_PATTERN)]
"""A billing period, `2026-10`."""

Kopecks = Annotated[int, Field(ge=0, le=100_000_000_000)]
"""An amount in a request: a whole number of kopecks."""

Values = dict[Annotated[str, Field(pattern=r"^T[1-3]$")], Annotated[str, Field(max_length=32)]]
"""Meter values by zone, as typed: `{"T1": "120.500"}`."""


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]
"""A moment in UTC, RFC 3339 with `Z`."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value) else value


class PageQuery(AskShape):
    """`limit` and `cursor` of every list."""

    limit: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=500)] | None = None
