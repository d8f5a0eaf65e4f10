"""Names, birth dates, devices, addresses and channels."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import AppError
from chalicelib.rules import devices, emails, notifications
from chalicelib.rules.people import birth_date, is_name


@pytest.mark.parametrize(
    "name", ["Ёлкина", "Анна-Мария", "О'Коннор", "Мамед оглы", "von der Tann", "Ли", "d’Arc", "Мл."]
)
def test_names_of_people_are_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", " ", "-", "Инна2", "a--b", "Иванов_", "<b>", "=1+1", "@анна"])
def test_other_things_are_no_names(name: str) -> None:
    assert not is_name(name)


@given(st.dates(date(1900, 1, 1), date(2026, 11, 20)))
def test_every_past_day_is_a_birth_date(day: date) -> None:
    assert birth_date(day.isoformat(), date(2026, 11, 20)) == day


@pytest.mark.parametrize(
    "typed", ["2026-11-21", "1899-12-31", "2025-02-30", "20250101", "2025-W01"]
)
def test_other_dates_are_refused(typed: str) -> None:
    with pytest.raises(AppError):
        birth_date(typed, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/130.0 Safari/537.36 Edg/130",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/130 YaBrowser/24.1 Safari/537",
            "Yandex Browser, Android",
        ),
        ("LKK-App/2.1 (Android 15)", "LKK-App, Android"),
        ("curl/8.5", "curl"),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_device_is_a_coarse_label(agent: str, label: str) -> None:
    assert devices.label(agent) == label


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna@Example.COM ", "Anna@example.com"),
        ("a.b+c@example.com", "a.b+c@example.com"),
        ("anna@пример.рф", "anna@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_an_address_is_kept_as_letters_reach_it(typed: str, kept: str) -> None:
    assert emails.canonical(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "a", "a@", "@b.ru", "a b@c.ru", "анна@example.com", "a@localhost", "a@b\r\nc.ru"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AppError) as refused:
        emails.canonical(typed)

    assert refused.value.errors[0].code.value == "email_invalid"


CHANNELS = st.lists(st.sampled_from(notifications.CHANNELS), unique=True)


@given(st.dictionaries(st.sampled_from(notifications.KINDS), CHANNELS))
def test_wishes_come_back_as_they_were_given(wishes: dict[str, list[str]]) -> None:
    stored = notifications.stored_form(notifications.chosen(None) | wishes)

    for kind, channels in wishes.items():
        assert set(notifications.chosen(stored)[kind]) == set(channels)
    assert all(set(stored[kind]) != set(notifications.DEFAULTS[kind]) for kind in stored)
