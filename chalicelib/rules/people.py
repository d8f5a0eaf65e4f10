"""Facts that people tell about themselves."""

import re
from datetime import date
from typing import Final

from chalicelib.errors import Code, refuse_field

_NAME: Final = re.compile(r"[^\W\d_]+(?:(?:\. ?|[ '’‘-])[^\W\d_]+)*\.?")
EARLIEST_BIRTH: Final = date(1900, 1, 1)


def is_name(text: str) -> bool:
    """Letters of any alphabet, with single spaces, hyphens, apostrophes or dots between them."""
    return _NAME.fullmatch(text) is not None


def birth_date(typed: str, today: date) -> date:
    """A birth date as `1980-02-29`. Raises Refused: `date_invalid`, `out_of_range`."""
    try:
        day = date.fromisoformat(typed) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed) else None
    except ValueError:
        day = None
    if day is None or not typed.isascii():
        raise refuse_field("birth_date", Code.DATE_INVALID)
    if not EARLIEST_BIRTH <= day <= today:
        raise refuse_field("birth_date", Code.OUT_OF_RANGE)
    return day
