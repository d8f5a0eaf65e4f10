"""The application's schedules as EventBridge would keep them: when each falls due, and firing one.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html - cron
expressions are in UTC. `W` and `#` are not understood.
"""

import calendar
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chalice.app import Chalice, ScheduledEventConfig

from local import events, roles

MONTHS = {name.upper(): n for n, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
TRIES = 3
"""Lambda tries an asynchronous event that fails twice more."""

log = logging.getLogger("local.schedules")


@dataclass(frozen=True)
class Schedule:
    """A name, when it falls due, and what then happens (given the moment that was due)."""

    name: str
    expression: str
    run: Callable[[datetime], Any]

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Due moments in `(after, until]`, in order."""
        kind, _, rest = self.expression.partition("(")
        fields = rest.rstrip(")").split()
        if kind == "rate":
            yield from _rate(int(fields[0]), fields[1].rstrip("s"), after, until)
        elif kind == "cron":
            yield from _Cron(*fields).between(after, until)
        else:
            raise ValueError(f"no schedule expression: {self.expression}")

    @property
    def frequent(self) -> bool:
        """Whether it falls due more than once a day."""
        start = datetime(2024, 1, 1, tzinfo=UTC)
        for day in range(366):
            midnight = start + timedelta(days=day, seconds=-1)
            if len(list(self.between(midnight, midnight + timedelta(days=1)))) > 1:
                return True
        return False

    def fire(self, at: datetime) -> None:
        """Run it for the moment `at`; a failure is tried twice more and then only logged."""
        for attempt in range(TRIES):
            try:
                self.run(at)
            except Exception:
                log.exception("schedule %s failed (try %d)", self.name, attempt + 1)
            else:
                return


def of(app: Chalice) -> list[Schedule]:
    """The schedules that `app` declares."""
    return [
        Schedule(source.name, _text(source.schedule_expression), _runner(app, source.name))
        for source in app.event_sources
        if isinstance(source, ScheduledEventConfig)
    ]


def _text(expression: Any) -> str:
    return expression if isinstance(expression, str) else str(expression.to_string())


def _runner(app: Chalice, name: str) -> Callable[[datetime], Any]:
    handler = app.handler_map[name]

    def run(at: datetime) -> Any:
        with roles.acting_as(name):
            return handler(events.schedule_event(name, at), events.context(name))

    return run


def _rate(number: int, unit: str, after: datetime, until: datetime) -> Iterator[datetime]:
    step = number * UNITS[unit]
    due = (int(after.timestamp()) // step + 1) * step
    while due <= until.timestamp():
        yield datetime.fromtimestamp(due, UTC)
        due += step


class _Cron:
    def __init__(self, *fields: str) -> None:
        minutes, hours, days, months, weekdays, years = (f.upper() for f in fields)
        self._minutes = _numbers(minutes, 0, 59)
        self._hours = _numbers(hours, 0, 23)
        self._last_day = days == "L"
        self._days = None if days in ("?", "*", "L") else set(_numbers(days, 1, 31))
        self._months = set(_numbers(months, 1, 12, MONTHS))
        self._weekdays = None if weekdays in ("?", "*") else set(_numbers(weekdays, 1, 7, WEEKDAYS))
        self._years = set(_numbers(years, 1970, 2199))

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        day = after.astimezone(UTC).date()
        while day <= until.astimezone(UTC).date():
            if self._falls_on(day):
                for hour in self._hours:
                    for minute in self._minutes:
                        due = datetime.combine(day, time(hour, minute), UTC)
                        if after < due <= until:
                            yield due
            day += timedelta(days=1)

    def _falls_on(self, day: date) -> bool:
        if day.year not in self._years or day.month not in self._months:
            return False
        if self._last_day:
            return day.day == calendar.monthrange(day.year, day.month)[1]
        if self._days is not None and day.day not in self._days:
            return False
        return self._weekdays is None or day.isoweekday() % 7 + 1 in self._weekdays


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> list[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = low, high
        else:
            start = _number(first, names)
            end = _number(last, names) if dash else high if step else start
        found |= set(range(start, end + 1, int(step or 1)))
    return sorted(found)


def _number(word: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(word) or int(word)
