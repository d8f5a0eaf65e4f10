"""A run's clock: what a move, a night's sleep and a kill do to schedules."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.moving_clock import IntoThePast, MovingClock
from local.passage import Passage
from local.schedules import Schedule

Log = list[tuple[str, str]]


@pytest.fixture
def log() -> Log:
    """What ran, and what the clock said then."""
    return []


@pytest.fixture
def passage_of(log: Log) -> Callable[[MovingClock], Passage]:
    def make(clock: MovingClock) -> Passage:
        def noting(name: str) -> Callable[[datetime], None]:
            return lambda _: log.append((name, clock().isoformat()[5:16]))

        found = [
            Schedule("late", "cron(0 18 * * ? *)", noting("late")),
            Schedule("early", "cron(0 5 * * ? *)", noting("early")),
        ]
        return Passage(clock, lambda: found, lambda: log.append(("settled", "")), lambda: None)

    return make


def test_a_move_runs_each_schedule_at_its_hour_and_settles_after_it(
    passage_of: Callable[[MovingClock], Passage], log: Log
) -> None:
    clock = MovingClock()
    clock.hold(datetime(2026, 11, 20, 12, tzinfo=UTC))

    passage_of(clock).move_to(datetime(2026, 11, 21, 12, tzinfo=UTC))

    assert [entry for entry in log if entry[0] != "settled"] == [
        ("late", "11-20T18:00"),
        ("early", "11-21T05:00"),
    ]
    assert log[log.index(("late", "11-20T18:00")) + 1][0] == "settled"


def test_the_past_is_refused(passage_of: Callable[[MovingClock], Passage], log: Log) -> None:
    clock = MovingClock()

    with pytest.raises(IntoThePast):
        passage_of(clock).move_to(clock() - timedelta(seconds=1))

    assert log == []


def test_a_moved_clock_flows_on_and_the_next_run_finds_it(
    passage_of: Callable[[MovingClock], Passage], tmp_path: Path
) -> None:
    file = tmp_path / "clock.json"
    clock = MovingClock(file)
    target = clock() + timedelta(days=40)

    passage_of(clock).move_to(target)

    assert target <= clock() < target + timedelta(seconds=30)
    assert target <= MovingClock(file)() < target + timedelta(seconds=60)


def test_days_slept_through_are_lived_at_the_next_start_and_shown_as_they_pass(
    passage_of: Callable[[MovingClock], Passage], log: Log, tmp_path: Path
) -> None:
    file = tmp_path / "clock.json"
    slept_since = datetime.now(UTC) - timedelta(days=3)
    file.write_text(json.dumps({"offset_seconds": 0, "seen": slept_since.isoformat()}))
    clock = MovingClock(file)
    passage = passage_of(clock)

    passage.wake()
    woken_at = clock()
    passage.catch_up()

    assert woken_at == slept_since
    ran = [name for name, _ in log if name != "settled"]
    assert sorted(ran) == ["early"] * 3 + ["late"] * 3
    assert clock() >= slept_since + timedelta(days=3)


def test_a_kill_in_the_middle_of_a_move_does_not_turn_time_back(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    ahead = datetime.now(UTC) + timedelta(days=9)
    clock = MovingClock(file)
    clock.hold(ahead)
    clock.note()

    assert MovingClock(file)() >= ahead


def test_a_failing_schedule_is_tried_three_times_and_does_not_stop_the_day() -> None:
    tries: list[datetime] = []

    def fail(at: datetime) -> None:
        tries.append(at)
        raise RuntimeError("no")

    Schedule("bad", "rate(1 day)", fail).fire(datetime(2026, 1, 1, tzinfo=UTC))

    assert len(tries) == 3
