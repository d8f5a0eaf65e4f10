"""The cabinet in a real browser against a real run: the stories of `web/e2e/`, by Playwright."""

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

from local.engines import ROOT
from tests.local.test_run import Run, start

__all__ = ["start"]

ACCOUNTS = 400
"""Of the demo centre: half are free, and each story takes one that no other has."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium; installed where that is allowed. Never skipped in silence."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(os.environ.get("CHROMIUM", name)):
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-q", *command], capture_output=True, check=False)
        if found := shutil.which("chromium"):
            return found
    pytest.fail(
        "Chromium is missing: install it from your system's packages (Debian: apt install chromium)"
        " or name one in CHROMIUM",
        pytrace=False,
    )


def test_the_stories_of_the_cabinet_go_well_in_the_browser(
    start: Callable[..., Run], chromium: str
) -> None:
    run = start(demo_accounts=ACCOUNTS)
    run.wait_ready()

    told = subprocess.run(
        ["npm", "run", "--silent", "e2e"],
        cwd=ROOT / "web",
        env={**os.environ, "CHROMIUM": chromium, "LKK_URL": run.url},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
