"""When a reading was taken, and which window judges it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.clock import moscow_day
from chalicelib.errors import Code, Refused
from chalicelib.rules.taken import AHEAD, KEPT, PRESENT, taken_moment, window_for
from chalicelib.rules.windows import AccountWindow, window_at

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def refusal(said: str) -> Code:
    with pytest.raises(Refused) as refused:
        taken_moment(said, NOW)
    (error,) = refused.value.errors
    assert error.field == "taken_at"
    return error.code


def test_without_a_word_a_reading_is_of_this_moment() -> None:
    assert taken_moment(None, NOW) == NOW


@pytest.mark.parametrize(
    "said", ["2026-11-26T21:15:00Z", "2026-11-27T00:15:00+03:00", "2026-11-26T21:15:00.000Z"]
)
def test_a_moment_is_taken_in_any_offset(said: str) -> None:
    assert taken_moment(said, NOW) == datetime(2026, 11, 26, 21, 15, tzinfo=UTC)


def test_what_was_read_off_a_moment_ago_or_by_a_clock_a_little_ahead_is_of_now() -> None:
    assert taken_moment((NOW + AHEAD).isoformat(), NOW) == NOW
    assert taken_moment((NOW - PRESENT).isoformat(), NOW) == NOW


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", Code.MOMENT_INVALID),
        ("2026-11-26", Code.MOMENT_INVALID),
        ("2026-11-26T21:15:00", Code.MOMENT_INVALID),
        ("2026-11-31T10:00:00Z", Code.MOMENT_INVALID),
        ("2026-11-26T25:00:00Z", Code.MOMENT_INVALID),
        ("٢٠٢٦-11-26T21:15:00Z", Code.MOMENT_INVALID),
        ("2026-11-27T12:05:01Z", Code.OUT_OF_RANGE),
        ("2026-11-24T11:59:59Z", Code.TAKEN_TOO_LONG_AGO),
    ],
)
def test_what_cannot_be_is_refused(said: str, code: Code) -> None:
    assert refusal(said) is code


def test_a_reading_of_the_last_day_counts_after_the_window_closed() -> None:
    window = window_for(AccountWindow(15, 26), datetime(2026, 11, 26, 18, tzinfo=UTC), NOW)

    assert (window.period, window.open) == ("2026-11", True)


def test_a_month_that_is_over_takes_nothing_any_more() -> None:
    evening, morning = datetime(2026, 11, 30, 18, tzinfo=UTC), datetime(2026, 12, 1, 6, tzinfo=UTC)

    assert window_for(AccountWindow(15, 30), evening, morning).period == "2026-12"
    assert not window_for(AccountWindow(15, 30), evening, morning).open


@given(
    opens=st.integers(1, 31),
    closes=st.integers(1, 31),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given
    waited=st.timedeltas(timedelta(0), KEPT),
)
def test_an_open_window_is_the_one_it_was_taken_in_or_the_present_one(
    opens: int, closes: int, now: datetime, waited: timedelta
) -> None:
    account = AccountWindow(opens, closes)

    window = window_for(account, now - waited, now)

    assert window in (window_at(account, now - waited), window_at(account, now))
    if window.open:
        assert window.closes_on >= moscow_day(now - waited)
        assert f"{window.closes_on:%Y-%m}" >= f"{moscow_day(now):%Y-%m}"
