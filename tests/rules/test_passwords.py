"""The two password policies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.passwords import RESIDENT, STRONG, broken_rules, normal

COMMON = frozenset({"qwerty", "пароль1", "correct horse battery"})


def codes(password: str, policy: str = RESIDENT) -> list[str]:
    return [error.code.value for error in broken_rules(password, policy, COMMON)]


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("Sosna7", []),
        ("слон12", []),
        ("aabbcc", []),
        ("a1b1c1", []),
        ("sosn7", ["password_too_short"]),
        ("sosna7!", ["password_characters"]),
        ("so sna7", ["password_characters"]),
        ("sosna77", ["password_repeated_digits"]),
        ("QWERTY", ["password_common"]),
        ("Пароль1", ["password_common"]),
        ("1 1", ["password_too_short", "password_characters"]),
        ("-11", ["password_too_short", "password_characters", "password_repeated_digits"]),
        ("x" * 201, ["too_long"]),
    ],
)
def test_the_resident_policy_names_every_broken_rule(password: str, broken: list[str]) -> None:
    assert codes(password) == broken


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("four little drops", []),
        ("1111 !!!! 2222", []),
        ("sosna7!", ["password_too_short"]),
        ("Correct Horse Battery", ["password_common"]),
    ],
)
def test_the_strong_policy_asks_for_length_alone(password: str, broken: list[str]) -> None:
    assert codes(password, STRONG) == broken


def test_each_entry_names_the_field_and_the_number() -> None:
    (error,) = broken_rules("Sosna", RESIDENT, COMMON, "password")

    assert (error.field, error.params) == ("password", {"count": 6})


@given(st.text(max_size=40))
def test_composed_and_decomposed_letters_are_judged_alike(password: str) -> None:
    assert codes(password) == codes(normal(password))


@given(st.text(alphabet="abcжё1234567890", min_size=6, max_size=20))
def test_letters_and_digits_fail_only_for_a_digit_repeated_at_once(password: str) -> None:
    repeated = any(f"{digit}{digit}" in password for digit in "0123456789")

    assert ("password_repeated_digits" in codes(password)) is repeated
    assert "password_characters" not in codes(password)
