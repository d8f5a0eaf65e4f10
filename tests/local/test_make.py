"""What `make` says when it cannot do what it was asked for: one line of ours, and no line of its own.

`-o setup` leaves the installing out; a folder apart shows what it says when it cannot install.
"""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from local.engines import ROOT
from local.ports import free_port

NEEDED = ("cat", "cksum", "dirname", "make", "sh")
"""Enough to begin, with neither Python nor Node."""


def make(
    *arguments: str, folder: Path = ROOT, **environment: str
) -> "subprocess.CompletedProcess[str]":
    clean = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MAKE_PID")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A folder with what the set-up reads, on a machine that has only `NEEDED`."""
    for name in ("Makefile", "local/setup.sh", "requirements/dev.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    return tmp_path


def test_a_taken_port_is_all_that_make_speaks_of(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = make("-o", "setup", "run", f"PORT={port}", LKK_DATA_DIR=str(tmp_path))

    assert ended.returncode != 0
    assert (ended.stdout + ended.stderr).splitlines() == [
        f"Cannot run: port {port} is taken: stop what uses it, or `make run PORT={port + 1}`"
    ]


@pytest.mark.parametrize("target", ["setup", "run", "test"])
def test_a_missing_tool_is_all_that_make_speaks_of(nothing: Path, target: str) -> None:
    ended = make(target, folder=nothing, PATH=str(nothing / "tools"))

    assert ended.returncode != 0
    (line,) = (ended.stdout + ended.stderr).splitlines()
    assert line.startswith("Cannot set up: Python 3.11 or newer is missing: install it")


def test_a_file_that_is_none_is_all_that_make_speaks_of(tmp_path: Path) -> None:
    ended = make("-o", "setup", "import", "FILE=nothing.csv", LKK_DATA_DIR=str(tmp_path))

    assert ended.returncode != 0
    assert (ended.stdout + ended.stderr).splitlines() == [
        "Cannot import: nothing.csv is no file: make import FILE=path/of/bills.csv"
    ]


def test_where_the_signal_is_ignored_the_status_still_says_it_failed(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        ended = subprocess.run(
            ["make", "-o", "setup", "run", "PORT=none"],
            cwd=ROOT,
            env={**os.environ, "LKK_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            restore_signals=False,
        )
    finally:
        signal.signal(signal.SIGPIPE, before)

    assert ended.returncode == 2
    assert ended.stdout.startswith("Cannot run: PORT=none is no port")


def test_ctrl_c_lets_a_run_stop_by_itself(tmp_path: Path) -> None:
    environment = {"LKK_DATA_DIR": str(tmp_path), "LKK_DEMO_ACCOUNTS": "0"}
    running = subprocess.Popen(
        ["make", "-o", "setup", "run", f"PORT={free_port()}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    try:
        for line in running.stdout:
            if "Ctrl-C stops" in line:
                break
        os.killpg(running.pid, signal.SIGINT)  # as a terminal sends it: to make and all below it
        said = running.stdout.read()
        running.wait(30)
    finally:
        running.stdout.close()
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)

    assert "Stopped; the next start finds everything again" in said
    assert "***" not in said
