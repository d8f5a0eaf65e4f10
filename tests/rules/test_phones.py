"""Phones as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Refused
from chalicelib.rules.phones import canonical, masked

RU = frozenset({"RU"})


@pytest.mark.parametrize(
    "typed",
    [
        "+7 900 123 45 67",
        "8 (900) 123-45-67",
        "89001234567",
        "79001234567",
        "9001234567",
        "+7(900)123-45-67",
        "\u00a0+7\u00a0900\u00a0123–45–67 ",
    ],
)
def test_every_way_of_writing_is_one_number(typed: str) -> None:
    assert canonical(typed, RU) == "+79001234567"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone_invalid"),
        ("+7 900 123", "phone_invalid"),
        ("+7 900 123 45 678", "phone_invalid"),
        ("+79001234567 доб. 3", "phone_invalid"),
        ("+7900123456a", "phone_invalid"),
        ("٨٩٠٠١٢٣٤٥٦٧", "phone_invalid"),
        ("++79001234567", "phone_invalid"),
        ("tel:+79001234567", "phone_invalid"),
        ("+79001234567\n", "phone_invalid"),
        ("+7900\t1234567", "phone_invalid"),
        ("+77001234567", "phone_region_not_allowed"),
        ("87001234567", "phone_region_not_allowed"),
        ("+375291234567", "phone_region_not_allowed"),
    ],
)
def test_what_is_no_number_of_ours_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        canonical(typed, RU, "login")

    assert [(e.field, e.code.value) for e in refused.value.errors] == [("login", code)]


def test_more_regions_can_be_allowed() -> None:
    regions = frozenset({"RU", "KZ", "BY"})

    assert canonical("+7 700 123 45 67", regions) == "+77001234567"
    assert canonical("+375 29 123-45-67", regions) == "+375291234567"


@given(st.text(max_size=30))
def test_any_text_is_either_a_number_or_refused(typed: str) -> None:
    found = None
    with suppress(Refused):
        found = canonical(typed, RU)

    assert found is None or canonical(found, RU) == found


@given(st.integers(0, 9_999_999), st.sampled_from(["+7", "8", "7", "", "+7 (", "8-"]))
def test_separators_and_prefixes_make_no_difference(number: int, prefix: str) -> None:
    digits = f"900{number:07d}"
    typed = f"{prefix}{digits[:3]}) {digits[3:6]} - {digits[6:8]}.{digits[8:]}"

    assert canonical(typed, RU) == f"+7{digits}"


def test_a_masked_number_shows_its_end_only() -> None:
    assert masked("+79001234707") == "+7 *** ***-47-07"
