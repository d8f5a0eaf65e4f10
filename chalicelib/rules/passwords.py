"""What a password must be. Two policies; configuration chooses one (decision 3 of the feature list)."""

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chalicelib.errors import Code, FieldError

RESIDENT: Final = "resident"
STRONG: Final = "strong"


@dataclass(frozen=True)
class Policy:
    """What a form can tell of a policy before anything is sent; that a password is common it cannot."""

    minimum_length: int
    letters_and_digits_only: bool
    no_repeated_digits: bool


POLICIES: Final = {
    RESIDENT: Policy(6, letters_and_digits_only=True, no_repeated_digits=True),
    STRONG: Policy(12, letters_and_digits_only=False, no_repeated_digits=False),
}
LENGTH_MAXIMUM: Final = 200
TRIES: Final = 5
"""Wrong passwords in a row that lock password sign-in."""
LOCK_SECONDS: Final = 300


def normal(password: str) -> str:
    """The form in which passwords are compared: keyboards compose letters differently (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def broken_rules(
    password: str, policy: str, common: frozenset[str], field: str = "new_password"
) -> tuple[FieldError, ...]:
    """Every rule of `policy` that `password` breaks, one entry each; none when it is good.

    `common` are the commonest passwords, case-folded.
    """
    text, rules = normal(password), POLICIES[policy]
    broken = []
    if len(text) < rules.minimum_length:
        count = {"count": rules.minimum_length}
        broken.append(FieldError(field, Code.PASSWORD_TOO_SHORT, count))
    if len(text) > LENGTH_MAXIMUM:
        broken.append(FieldError(field, Code.TOO_LONG))
    if rules.letters_and_digits_only and not all(_letter_or_digit(c) for c in text):
        broken.append(FieldError(field, Code.PASSWORD_CHARACTERS))
    if rules.no_repeated_digits and any(a == b and _digit(a) for a, b in pairwise(text)):
        broken.append(FieldError(field, Code.PASSWORD_REPEATED_DIGITS))
    if text.casefold() in common:
        broken.append(FieldError(field, Code.PASSWORD_COMMON))
    return tuple(broken)


def _digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def _letter_or_digit(character: str) -> bool:
    return unicodedata.category(character)[0] in ("L", "M") or _digit(character)
