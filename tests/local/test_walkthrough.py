"""The walk through the main job works against a fresh run, as a newcomer has it."""

import subprocess
import sys
from collections.abc import Callable

import httpx

from local.engines import ROOT
from tests.local.test_run import Run, start

__all__ = ["start"]


def test_a_newcomer_can_do_the_whole_job(start: Callable[..., Run]) -> None:
    run = start(demo_accounts=40)
    said = run.wait_ready()

    demo = httpx.get(f"{run.url}/_local/demo").json()
    walk = subprocess.run(
        [sys.executable, ROOT / "docs" / "walkthrough", run.url],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert demo["clients"][0]["phone"] in said
    assert len(demo["clients"]) >= 2
    assert len(demo["free_accounts"]) >= 20
    assert walk.returncode == 0, walk.stdout + walk.stderr
    assert "Exactly one charge" in walk.stdout
