"""The demo settlement centre of a run: loaded once, and closing a month on each first that passes.

What the centre consists of is made by `local/demo/`; here its files go the way of every billing
file, through the import bucket.
"""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.clock import MOSCOW
from local import demo
from local.files import Imports, NotTakenIn
from local.inbox import Inbox
from local.schedules import Schedule

SEED = 2026
CLOSES = "cron(0 0 1 * ? *)"
"""Three in the morning in Moscow, on the first of each month."""
ACCOUNTS = 1_000
"""Unless LKK_DEMO_ACCOUNTS says otherwise; 0 is no demo centre at all."""
LEAST_ACCOUNTS = 40
"""So that there are free ones for everybody."""
LOADED = "loaded"
FILE_SECONDS = 600
"""How long one file may take."""

log = logging.getLogger("local.centre")


@dataclass(frozen=True)
class DemoCentre:
    """The centre with its files in `folder`; `idle` waits so many seconds until all has settled."""

    folder: Path
    now: Callable[[], datetime]
    idle: Callable[[float], bool]
    url: str
    inbox: Inbox

    def answer(self) -> dict[str, Any]:
        """What `/_local/demo` says."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "demo.json").read_text("utf-8"))
        except FileNotFoundError:
            return {"centre": "", "clients": [], "free_accounts": []}
        return {name: found[name] for name in ("centre", "clients", "free_accounts")}

    def needs_loading(self) -> bool:
        """Whether no start has come to its end yet."""
        return bool(_accounts()) and not (self.folder / LOADED).exists()

    def load(self, say: Callable[[str], None]) -> None:
        """Make the centre, up to the month before this one, and let it be imported. Safe to repeat.

        Raises NotTakenIn.
        """
        say(f"Making the demo centre: {_accounts()} accounts over {demo.MONTHS} months, once")
        made = demo.generate(SEED, last_closed(self.now()), self.folder, _accounts())
        imports = Imports()
        for file in made.files:
            say(f"Importing {file.name}")
            _whole(imports.take_in(file, self.idle, say, FILE_SECONDS))
        say("Its clients sign in")
        from local.newcomers import Newcomer  # here, since later starts do without its HTTP client

        for client in made.clients:
            proofs = [made.proofs[number] for number in client["accounts"]]
            Newcomer(self.url, self.inbox, client["phone"]).settle_in(proofs)
        self.idle(FILE_SECONDS)
        (self.folder / LOADED).touch()

    def schedules(self) -> list[Schedule]:
        """The month's end, as something that falls due."""
        return [Schedule("demo_centre_closes_month", CLOSES, self._close)]

    def _close(self, at: datetime) -> None:
        if not (self.folder / LOADED).exists():
            return
        imports = Imports()
        for file in demo.close_month(SEED, last_closed(at), self.folder):
            _whole(imports.take_in(file, self.idle, log.info, FILE_SECONDS))


def last_closed(at: datetime) -> str:
    """The billing period before the present Moscow month: `2026-10`."""
    local = at.astimezone(MOSCOW)
    months = local.year * 12 + local.month - 2
    return f"{months // 12}-{months % 12 + 1:02d}"


def _accounts() -> int:
    asked = int(os.environ.get("LKK_DEMO_ACCOUNTS") or ACCOUNTS)
    return max(LEAST_ACCOUNTS, asked) if asked else 0


def _whole(result: dict[str, Any]) -> None:
    if result["refusals"]:
        first = result["refusals"][0]
        raise NotTakenIn(f"{result['file']}: {result['refused']} rows refused, first {first}")
