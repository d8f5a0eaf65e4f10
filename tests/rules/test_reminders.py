"""Who is reminded when, and that the index looks where an account stands."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.rules.reminders import Reminder, places_of, places_on, reminder_on
from chalicelib.rules.windows import AccountWindow

START = date(2027, 1, 1)
days_of_month = st.integers(1, 31)
windows = st.builds(
    AccountWindow,
    days_of_month,
    days_of_month,
    st.dictionaries(
        st.sampled_from([f"2027-{month:02d}" for month in range(1, 13)]),
        st.tuples(days_of_month, days_of_month),
        max_size=3,
    ),
)


@given(windows, st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_every_day_of_a_reminder_finds_the_account_where_it_was_put_before(
    window: AccountWindow, age: int
) -> None:
    for number in range(60, 425):
        day = START + timedelta(days=number)

        if reminder_on(window, day):
            assert places_of(window, day - timedelta(days=age)) & set(places_on(day)), day


@given(windows)
@settings(max_examples=150, deadline=None)
def test_a_window_has_at_most_one_reminder_of_each_kind(window: AccountWindow) -> None:
    days = [START + timedelta(days=number) for number in range(365)]

    found = [(due[0], due[1].period) for day in days if (due := reminder_on(window, day))]

    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ((15, 26), "2027-02-15", "2027-02-25"),
        ((25, 3), "2027-02-25", "2027-03-02"),
        ((20, 1), "2027-02-20", "2027-02-28"),
        ((1, 31), "2027-02-01", "2027-02-27"),
        ((30, 5), "2027-02-28", "2027-03-04"),
        ((10, 11), "2027-02-10", None),
        ((10, 10), "2027-02-10", None),
    ],
)
def test_the_first_day_and_the_last_but_one(
    window: tuple[int, int], first: str, last: str | None
) -> None:
    days = [date(2027, 2, 1) + timedelta(days=number) for number in range(60)]

    found = {
        due[0]: day.isoformat()
        for day in days
        if (due := reminder_on(AccountWindow(*window), day)) and due[1].period == "2027-02"
    }

    assert found.get(Reminder.FIRST) == first
    assert found.get(Reminder.LAST) == last
