"""The cabinet in a real browser against a real run: the stories of `web/e2e/`, by Playwright."""

import os
import subprocess
from collections.abc import Callable

import pytest

from local.browser import ChromiumMissing, chromium
from local.engines import ROOT
from tests.local.test_run import Run, start

__all__ = ["start"]

ACCOUNTS = 400
"""Of the demo centre: half are free, and each story takes one that no other has."""


@pytest.fixture(scope="session")
def browser() -> str:
    """Debian's Chromium; installed where that is allowed. Never skipped in silence."""
    try:
        return chromium()
    except ChromiumMissing as exc:
        pytest.fail(str(exc), pytrace=False)


def test_the_stories_of_the_cabinet_go_well_in_the_browser(
    start: Callable[..., Run], browser: str
) -> None:
    run = start(demo_accounts=ACCOUNTS)
    run.wait_ready()

    told = subprocess.run(
        ["npm", "run", "--silent", "e2e"],
        cwd=ROOT / "web",
        env={**os.environ, "CHROMIUM": browser, "LKK_URL": run.url},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
