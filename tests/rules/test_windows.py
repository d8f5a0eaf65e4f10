"""Reading windows against a model that writes every window of a calendar down day by day."""

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.rules.windows import AccountWindow, Window, window_at, window_of

START, END = date(2027, 1, 1), date(2028, 12, 31)
DAYS = [START + timedelta(days=n) for n in range((END - START).days + 1)]


def noon(day: date) -> datetime:
    """Noon in Moscow."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def clamped(year: int, month: int, day: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def all_windows(account: AccountWindow) -> list[tuple[date, date]]:
    """Every window that opens between December 2026 and February 2029, in order."""
    found = []
    for year in (2026, 2027, 2028, 2029):
        for month in range(1, 13):
            own = account.overrides.get(f"{year}-{month:02d}")
            opens, closes = own or (account.opens, account.closes)
            later = 1 if closes < opens else 0
            found.append((clamped(year, month, opens), clamped(year, month + later, closes)))
    return found


def expected(account: AccountWindow, day: date) -> Window:
    """The first window, by its opening, that has not closed before `day`."""
    opens_on, closes_on = next(w for w in all_windows(account) if w[1] >= day)
    return Window(opens_on, closes_on, opens_on <= day, f"{opens_on:%Y-%m}")


@pytest.mark.parametrize("opens", range(1, 32))
def test_every_pair_of_days_on_every_day_of_two_years(opens: int) -> None:
    for closes in range(1, 32):
        account = AccountWindow(opens, closes)
        windows = iter(all_windows(account))
        opens_on, closes_on = next(windows)
        for day in DAYS:
            while closes_on < day:
                opens_on, closes_on = next(windows)

            found = window_at(account, noon(day))

            assert (found.opens_on, found.closes_on) == (opens_on, closes_on), (account, day)
            assert found.open is (opens_on <= day)
            assert found.period == f"{opens_on:%Y-%m}"


days_of_month = st.integers(1, 31)
overrides = st.dictionaries(
    st.sampled_from([f"2027-{month:02d}" for month in range(1, 13)]),
    st.tuples(days_of_month, days_of_month),
    max_size=4,
)


@given(days_of_month, days_of_month, overrides, st.sampled_from(DAYS))
@settings(max_examples=600, deadline=None)
def test_months_with_their_own_window(
    opens: int, closes: int, own: dict[str, tuple[int, int]], day: date
) -> None:
    account = AccountWindow(opens, closes, own)

    found = window_at(account, noon(day))

    assert found == expected(account, day)
    assert window_of(account, found.period, day) == found


@given(
    st.integers(0, 364 * 86_400).map(
        lambda s: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
    )
)
def test_the_day_is_moscows(moment: datetime) -> None:
    account = AccountWindow(15, 26)

    assert window_at(account, moment) == expected(account, (moment + timedelta(hours=3)).date())


@pytest.mark.parametrize(
    ("window", "day", "opens_on", "closes_on", "is_open"),
    [
        ((15, 26), "2026-11-14", "2026-11-15", "2026-11-26", False),
        ((15, 26), "2026-11-15", "2026-11-15", "2026-11-26", True),
        ((15, 26), "2026-11-26", "2026-11-26", "2026-11-26", True),
        ((15, 26), "2026-11-27", "2026-12-01", "2026-12-12", False),
        ((25, 3), "2026-11-04", "2026-11-25", "2026-12-03", False),
        ((25, 3), "2026-12-03", "2026-11-25", "2026-12-03", True),
        ((25, 3), "2026-12-04", "2026-12-01", "2026-12-12", True),
        ((29, 31), "2027-02-28", "2027-02-28", "2027-02-28", True),
        ((30, 2), "2027-03-01", "2027-02-28", "2027-03-02", True),
    ],
)
def test_december_with_its_own_days(
    window: tuple[int, int], day: str, opens_on: str, closes_on: str, is_open: bool
) -> None:
    account = AccountWindow(*window, {"2026-12": (1, 12)})

    found = window_at(account, noon(date.fromisoformat(day)))

    assert found.open is is_open
    assert found.closes_on == date.fromisoformat(closes_on)
    if opens_on != closes_on:
        assert found.opens_on == date.fromisoformat(opens_on)
