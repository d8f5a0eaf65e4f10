"""The clock of a local run: the machine's time plus what was added; only forward, kept on disk.

The application learns of it through `chalicelib.clock.use` alone; the machine's clock is never
touched. While a move or a catch-up is under way the clock stands at the step it has reached.
"""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path


class IntoThePast(Exception):
    """The clock only goes forward."""


class MovingClock:
    """Call it to get the present moment, aware, in UTC."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._held: datetime | None = None
        self.seen: datetime | None = None
        """The last moment that an earlier run noted, if there was one."""
        if file is not None and file.exists():
            kept = json.loads(file.read_text())
            self._offset = timedelta(seconds=kept["offset_seconds"])
            self.seen = datetime.fromisoformat(kept["seen"])
            # Killed in the middle of a move, or the machine's clock was put back: never backwards.
            self._offset = max(self._offset, self.seen - datetime.now(UTC))

    def __call__(self) -> datetime:
        with self._lock:
            return self._held or self.flowing()

    def flowing(self) -> datetime:
        """What it would be if the clock did not stand."""
        return datetime.now(UTC) + self._offset

    def hold(self, moment: datetime) -> None:
        """Stand still at `moment` until held elsewhere or let go. Tests may hold in the past."""
        with self._lock:
            self._held = moment.astimezone(UTC)

    def flow_from(self, moment: datetime) -> None:
        """Go on from `moment` with the machine's pace."""
        with self._lock:
            self._held = None
            self._offset = moment - datetime.now(UTC)
        self.note()

    def note(self) -> None:
        """Write down how far the clock has come, for the next run."""
        if self._file is None:
            return
        kept = {"offset_seconds": self._offset.total_seconds(), "seen": self().isoformat()}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(kept))
        fresh.replace(self._file)
