"""Months of the billing."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.periods import first_day, last_closed, period_of, shifted

days = st.dates(date(2001, 1, 1), date(2098, 12, 31))


def test_the_last_closed_months_cross_the_year() -> None:
    assert last_closed(date(2027, 2, 1)) == ("2027-01", "2026-12", "2026-11")
    assert last_closed(date(2027, 1, 31)) == ("2026-12", "2026-11", "2026-10")


@given(days, st.integers(-600, 600))
def test_moving_there_and_back_is_standing_still(day: date, months: int) -> None:
    period = period_of(day)

    assert shifted(shifted(period, months), -months) == period
    assert (shifted(period, months) > period) is (months > 0)
    assert period_of(first_day(period)) == period
