"""The calendar against one that is written differently; amounts; what a refusal leads to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.clock import moscow_day
from chalicelib.rules import autopay as rules
from chalicelib.rules.autopay import Skipped, Terms, Verdict

START, END = date(2026, 1, 1), date(2033, 12, 31)
DAYS = [START + timedelta(days=n) for n in range((END - START).days + 1)]
MONTHS = sorted({day.strftime("%Y-%m") for day in DAYS})

# The independent calendar: each real day, and the month it lies in. No date arithmetic.
DAYS_OF_MONTH: dict[str, list[date]] = {}
for _day in DAYS:
    DAYS_OF_MONTH.setdefault(_day.strftime("%Y-%m"), []).append(_day)


def expected_due(anchor: int, month: str) -> date:
    """The last real day of the month that is not after the anchor."""
    return max(day for day in DAYS_OF_MONTH[month] if day.day <= anchor)


@pytest.mark.parametrize("anchor", range(1, 32))
def test_every_anchor_has_its_day_in_every_month_and_returns_to_it(anchor: int) -> None:
    due = [rules.due_on(anchor, month) for month in MONTHS]

    assert due == [expected_due(anchor, month) for month in MONTHS]
    assert due == sorted(set(due))
    assert all(
        day.day == anchor
        for day, month in zip(due, MONTHS, strict=True)
        if len(DAYS_OF_MONTH[month]) >= anchor
    )


@pytest.mark.parametrize("anchor", range(1, 32))
def test_a_daily_run_finds_each_anchor_exactly_once_a_month(anchor: int) -> None:
    found = [day for day in DAYS if anchor in rules.days_due_on(day)]

    assert found == [expected_due(anchor, month) for month in MONTHS]


def test_leap_years() -> None:
    assert rules.due_on(31, "2028-02") == rules.due_on(29, "2028-02") == date(2028, 2, 29)
    assert rules.due_on(29, "2027-02") == date(2027, 2, 28)
    assert list(rules.days_due_on(date(2027, 2, 28))) == [28, 29, 30, 31]
    assert list(rules.days_due_on(date(2028, 2, 28))) == [28]
    assert list(rules.days_due_on(date(2028, 2, 29))) == [29, 30, 31]


@pytest.mark.parametrize(
    ("confirmed", "day", "first"),
    [
        ("2026-08-25T10:00:00", 25, date(2026, 9, 25)),
        ("2027-01-31T20:59:59", 31, date(2027, 2, 28)),
        # 21:00 UTC is midnight in Moscow: the next day, and here the next month.
        ("2027-01-31T21:00:00", 1, date(2027, 3, 1)),
        ("2026-12-31T20:59:59", 31, date(2027, 1, 31)),
        ("2026-12-31T21:17:00", 1, date(2027, 2, 1)),
        ("2028-01-29T23:30:00", 30, date(2028, 2, 29)),
        ("2028-02-28T21:00:00", 29, date(2028, 3, 29)),
    ],
)
def test_the_first_charge_is_next_month_by_moscow_days(
    confirmed: str, day: int, first: date
) -> None:
    on = moscow_day(datetime.fromisoformat(confirmed).replace(tzinfo=UTC))

    month = rules.first_month(on)

    assert on.day == day
    assert rules.due_on(on.day, month) == first
    assert rules.next_charge_on(on.day, month, None, on) == first


@given(st.sampled_from(DAYS[:-70]), st.integers(0, 60))
def test_nothing_is_due_before_the_first_month_or_its_day(confirmed: date, later: int) -> None:
    first, today = rules.first_month(confirmed), confirmed + timedelta(days=later)
    present = today.strftime("%Y-%m")

    due = rules.is_due(confirmed.day, first, present, today)

    assert due == (
        present > confirmed.strftime("%Y-%m") and today >= expected_due(confirmed.day, present)
    )


@given(st.integers(1, 31), st.sampled_from(MONTHS[:-3]), st.sampled_from(DAYS[:-100]))
def test_the_next_charge_is_the_first_open_due_day_from_today(
    anchor: int, first: str, today: date
) -> None:
    for done in (None, today.strftime("%Y-%m")):
        open_days = [
            expected_due(anchor, month)
            for month in MONTHS
            if month >= first and (done is None or month > done)
        ]

        found = rules.next_charge_on(anchor, first, done, today)

        assert found == min((day for day in open_days if day >= today), default=found)


@given(st.sampled_from(DAYS), st.integers(-40, 90))
def test_a_late_run_does_every_missed_day_and_its_own(today: date, behind: int) -> None:
    done = today - timedelta(days=behind)

    days = rules.missed_days(done, today, 31)

    assert days[-1] == today
    assert days == [today - timedelta(days=n) for n in reversed(range(len(days)))]
    assert len(days) == max(1, min(behind, 31))


def test_the_very_first_run_does_its_day_alone() -> None:
    assert rules.missed_days(None, date(2026, 12, 1), 31) == [date(2026, 12, 1)]


@pytest.mark.parametrize(
    ("terms", "due", "charged"),
    [
        (Terms(100_000, None), 250_000, 100_000),
        (Terms(100_000, None), 40_000, 100_000),
        (Terms(100_000, None), 0, 100_000),
        (Terms(None, 300_000), 250_000, 250_000),
        (Terms(None, 300_000), 300_000, 300_000),
        (Terms(None, 300_000), 300_001, Skipped.OVER_LIMIT),
        (Terms(None, 300_000), 0, Skipped.NOTHING_TO_PAY),
        (Terms(None, 900_000_000), 500_000_000, Skipped.OVER_LIMIT),
        (Terms(500_000_000, None), 1, Skipped.OVER_LIMIT),
    ],
)
def test_what_is_charged(terms: Terms, due: int, charged: int | Skipped) -> None:
    assert rules.to_charge(terms, due, 100_000_000) == charged


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("insufficient_funds", Verdict.RETRY),
        ("generic_decline", Verdict.RETRY),
        ("processing_error", Verdict.RETRY),
        ("try_again_later", Verdict.RETRY),
        ("a_code_of_tomorrow", Verdict.RETRY),
        ("lost_card", Verdict.PAUSE),
        ("stolen_card", Verdict.PAUSE),
        ("expired_card", Verdict.PAUSE),
        ("resource_missing", Verdict.PAUSE),
        ("authentication_required", Verdict.CONFIRM),
        ("amount_too_small", Verdict.GIVE_UP),
    ],
)
def test_what_a_refusal_leads_to(code: str, expected: Verdict) -> None:
    assert rules.verdict(code) is expected


def test_tries_again_after_one_three_and_five_days_and_then_no_more() -> None:
    first = date(2026, 12, 30)

    planned = [rules.next_try_on(first, n, first) for n in range(1, 6)]

    assert planned == [date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 4), None, None]


def test_a_late_try_is_followed_by_one_tomorrow_at_the_earliest() -> None:
    first = date(2026, 12, 1)

    assert rules.next_try_on(first, 1, date(2026, 12, 9)) == date(2026, 12, 10)
    assert rules.next_try_on(first, 3, date(2026, 12, 4)) == date(2026, 12, 6)


@pytest.mark.parametrize(
    ("terms", "months", "waits"),
    [
        (Terms(None, 500), [], False),
        (Terms(None, 500), ["2026-12"], True),
        (Terms(None, None), ["2026-11"], True),
        (Terms(None, 500), ["2026-10"], False),
        (Terms(None, 500), ["2026-10", "2027-01"], True),
        (Terms(100, None), ["2026-12"], False),
    ],
)
def test_who_pays_the_bill_waits_for_other_charges_of_this_month_and_the_last(
    terms: Terms, months: list[str], waits: bool
) -> None:
    assert rules.gives_way(terms, months, "2026-12") is waits
