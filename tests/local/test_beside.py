"""A command beside a system of its own, or beside one that runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.beside import NICENESS
from local.engines import ROOT
from local.world import World

ASK = "import os, sys, httpx; print(httpx.get(os.environ['LKK_URL'] + '/v1/health').status_code); sys.exit(7)"
PRIORITIES = """
import os, subprocess
for line in subprocess.check_output(["ps", "-A", "-o", "ppid=,pid="], text=True).splitlines():
    parent, pid = map(int, line.split())
    if parent == os.getppid():
        idle = hasattr(os, "SCHED_IDLE") and os.sched_getscheduler(pid) == os.SCHED_IDLE
        print(os.getpriority(os.PRIO_PROCESS, pid), idle)
"""


def _beside(ask: str = ASK, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local.beside", sys.executable, "-c", ask],
        cwd=ROOT,
        # Any program will do: this command opens no browser.
        env={**os.environ, "CHROMIUM": sys.executable, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_finds_a_system_that_is_there_for_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LKK_URL", raising=False)

    done = _beside(LKK_DEMO_ACCOUNTS="0")

    assert (done.stdout, done.returncode) == ("200\n", 7)


def test_the_system_gives_way_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LKK_URL", raising=False)

    done = _beside(PRIORITIES, LKK_DEMO_ACCOUNTS="0")

    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert set(done.stdout.splitlines()) == {
        f"{own} False",
        f"{NICENESS} {sys.platform == 'linux'}",
    }


def test_a_system_that_runs_already_is_used(world: World) -> None:
    done = _beside(LKK_URL=world.url)

    assert (done.stdout, done.returncode) == ("200\n", 7)
    assert done.stderr == ""


def test_without_a_browser_it_says_what_to_install(tmp_path: Path) -> None:
    done = _beside(CHROMIUM=str(tmp_path / "no-browser"), PATH=str(tmp_path))

    assert done.returncode == 1
    assert "install" in done.stderr
