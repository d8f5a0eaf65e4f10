"""Time passing: schedules fire when they fall due, whether the clock runs or is moved ahead.

A move goes through the days step by step: the clock stands at the moment that is due, what is due
runs, and everything it set in motion settles before the next step.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from chalicelib.clock import moscow_day
from local.moving_clock import IntoThePast, MovingClock
from local.schedules import Schedule

LOOK_SECONDS = 1
NOTE_SECONDS = 5
"""How often a running clock is written down."""

log = logging.getLogger("local.passage")


@dataclass(frozen=True)
class Step:
    """One schedule at one moment."""

    at: datetime
    schedule: Schedule


class Passage:
    """Moves `clock`. `settle` waits until queues and webhooks are quiet; `tick` lets outside parties act."""

    def __init__(
        self,
        clock: MovingClock,
        schedules: Callable[[], Sequence[Schedule]],
        settle: Callable[[], None],
        tick: Callable[[], None],
    ) -> None:
        self._clock = clock
        self.schedules = schedules
        self._settle = settle
        self._tick = tick
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._done_until = clock()

    def move_to(self, moment: datetime) -> datetime:
        """Live through everything up to `moment`. Raises IntoThePast."""
        with self._lock:
            start = self._clock()
            if moment < start:
                raise IntoThePast
            if self._live(start, moment):
                self._clock.flow_from(moment)
            self._done_until = moment
        return self._clock()

    def move_by(self, seconds: float) -> datetime:
        """Live through the next `seconds`."""
        return self.move_to(self._clock() + timedelta(seconds=seconds))

    def wake(self) -> None:
        """Stand where the last run ended if days have passed since: `catch_up` will live through them."""
        seen, now = self._clock.seen, self._clock()
        if seen is not None and moscow_day(seen) < moscow_day(now):
            self._clock.hold(seen)

    def catch_up(self) -> None:
        """Live through the days since `wake`, as if the machine had not slept; else let sweepers run.

        Sweepers are the schedules that run more than once a day: they refill the queues from what
        the tables say is still to be done.
        """
        with self._lock:
            start, now = self._clock(), self._clock.flowing()
            if moscow_day(start) < moscow_day(now):
                if self._live(start, now):
                    self._clock.flow_from(self._clock.flowing())
            else:
                for schedule in self.schedules():
                    if schedule.frequent:
                        schedule.fire(now)
            self._done_until = now

    def run(self) -> None:
        """Fire what falls due while the clock runs, until `stop`."""
        noted = 0.0
        while not self._stopping.wait(LOOK_SECONDS):
            with self._lock:
                now = self._clock()
                for schedule in self.schedules():
                    due = list(schedule.between(self._done_until, now))
                    if due:
                        schedule.fire(due[-1])
                self._done_until = now
            noted += LOOK_SECONDS
            if noted >= NOTE_SECONDS:
                self._clock.note()
                noted = 0

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()

    def _live(self, start: datetime, end: datetime) -> bool:
        """Whether it came to the end; not when it was stopped on the way."""
        for at, steps in groupby(steps_between(self.schedules(), start, end), lambda s: s.at):
            self._reach(at)
            for step in steps:
                if self._stopping.is_set():
                    return False
                step.schedule.fire(at)
                self._settle()
        self._reach(end)
        return not self._stopping.is_set()

    def _reach(self, moment: datetime) -> None:
        self._clock.hold(moment)
        self._clock.note()
        self._tick()
        self._settle()


def steps_between(schedules: Sequence[Schedule], start: datetime, end: datetime) -> list[Step]:
    """What a move from `start` to `end` runs, in order.

    Every due moment of what runs daily or less often; of the others the first of each Moscow day
    and the very last.
    """
    steps: list[Step] = []
    for schedule in schedules:
        due = list(schedule.between(start, end))
        if schedule.frequent and due:
            due = [*{moscow_day(d): d for d in reversed(due)}.values(), due[-1]]
        steps += [Step(at, schedule) for at in dict.fromkeys(due)]
    return sorted(steps, key=lambda step: step.at)
