"""Schedule expressions, and the order in which a move of the clock lives through them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.passage import steps_between
from local.schedules import Schedule

MIDDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


def schedule(expression: str, name: str = "some") -> Schedule:
    return Schedule(name, expression, lambda at: at)


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ("cron(0 6 * * ? *)", "2026-11-21T06:00"),
        ("cron(15 12 * * ? *)", "2026-11-20T12:15"),
        ("cron(0/10 * * * ? *)", "2026-11-20T12:10"),
        ("cron(0 0 1 * ? *)", "2026-12-01T00:00"),
        ("cron(0 0 L * ? *)", "2026-11-30T00:00"),
        ("cron(30 5 ? * MON-FRI *)", "2026-11-23T05:30"),
        ("cron(0 8 1,15 JAN ? 2027-2028)", "2027-01-01T08:00"),
        ("rate(5 minutes)", "2026-11-20T12:05"),
        ("rate(1 hour)", "2026-11-20T13:00"),
        ("rate(1 day)", "2026-11-21T00:00"),
    ],
)
def test_a_schedule_falls_due_when_eventbridge_would_say(expression: str, first: str) -> None:
    due = next(schedule(expression).between(MIDDAY, MIDDAY + timedelta(days=60)))

    assert due.isoformat()[:16] == first


def test_a_daily_schedule_is_not_frequent_and_an_hourly_one_is() -> None:
    assert not schedule("cron(0 6 * * ? *)").frequent
    assert not schedule("rate(1 day)").frequent
    assert schedule("cron(0 * * * ? *)").frequent
    assert schedule("cron(0 6,18 * * ? *)").frequent


def test_a_move_lives_each_day_once_in_order_and_frequent_ones_at_least_daily() -> None:
    morning = schedule("cron(0 6 * * ? *)", "morning")
    evening = schedule("cron(0 18 * * ? *)", "evening")
    often = schedule("rate(5 minutes)", "often")

    steps = steps_between([evening, often, morning], MIDDAY, MIDDAY + timedelta(days=3))

    assert [s.at for s in steps] == sorted(s.at for s in steps)
    daily = [s.schedule.name for s in steps if s.schedule.name != "often"]
    assert daily == ["evening", "morning"] * 3
    moscow_days = {(s.at + timedelta(hours=3)).date() for s in steps if s.schedule.name == "often"}
    assert len(moscow_days) == 4


@given(
    hours=st.integers(1, 2000),
    expression=st.sampled_from(["cron(0 6 * * ? *)", "cron(30 21 3 * ? *)", "rate(1 day)"]),
    cuts=st.lists(st.integers(1, 2000), max_size=4),
)
def test_many_small_moves_run_what_one_large_move_runs(
    hours: int, expression: str, cuts: list[int]
) -> None:
    end = MIDDAY + timedelta(hours=hours)
    points = [MIDDAY, *sorted(MIDDAY + timedelta(hours=c) for c in cuts if c < hours), end]

    large = steps_between([schedule(expression)], MIDDAY, end)
    small = [
        step.at
        for start, stop in pairwise(points)
        for step in steps_between([schedule(expression)], start, stop)
    ]

    assert [step.at for step in large] == small
