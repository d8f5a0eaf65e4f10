"""The main job in a real browser against a real run: `web/e2e/` tells it in both languages."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engines import ROOT
from tests.local.test_run import Run, start

__all__ = ["start"]


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


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_resident_does_the_main_job_in_the_browser(
    start: Callable[..., Run], chromium: str, tmp_path: Path, language: str
) -> None:
    run = start(demo_accounts=40)
    run.wait_ready()

    told = subprocess.run(
        ["node", "e2e/story.mjs", run.url, language],
        cwd=ROOT / "web",
        env={**os.environ, "CHROMIUM": chromium},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{language}: the whole job, no violation" in told.stdout
