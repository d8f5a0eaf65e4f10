"""Runs a command beside a system of its own: `python -m local.beside npm --prefix web run audit`.

The system has a free port, a small demo centre, and a folder that goes with it; it gives way to the
command, which may measure. `LKK_URL` names one that runs already and is used instead. The command
finds `LKK_URL` and `CHROMIUM` in its environment, and its exit code is ours.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from local.browser import ChromiumMissing, chromium
from local.engines import ROOT
from local.ports import free_port

ACCOUNTS = 60
NICENESS = 19


def main() -> int:
    """Run what the arguments say."""
    try:
        browser = chromium()
    except ChromiumMissing as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    with _system() as url:
        environment = {**os.environ, "CHROMIUM": browser, "LKK_URL": url}
        return subprocess.run(sys.argv[1:], cwd=ROOT, env=environment, check=False).returncode


@contextmanager
def _system() -> Iterator[str]:
    given = os.environ.get("LKK_URL")
    if given:
        yield given.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="lkk-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        settings = {"LKK_DEMO_ACCOUNTS": str(ACCOUNTS), **os.environ}
        settings |= {"PORT": str(port), "LKK_DATA_DIR": folder}
        run = subprocess.Popen(
            [sys.executable, "-m", "local.run"],
            cwd=ROOT,
            env=settings,
            stdout=subprocess.PIPE,
            text=True,
        )
        _give_way(run.pid)
        try:
            _wait(run)
            yield f"http://localhost:{port}"
        finally:
            run.send_signal(signal.SIGINT)
            run.communicate()


def _give_way(pid: int) -> None:
    """Run `pid`, and what it starts later, when nobody else wants the processor.

    Beside a browser on two processors its answers would count as the pages' own slowness.
    """
    os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    if sys.platform == "linux":  # stronger than the niceness, which all systems know: sched(7)
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


def _wait(run: "subprocess.Popen[str]") -> None:
    """Read what it says until it is ready; the pipe holds the little that it says afterwards."""
    assert run.stdout is not None
    for line in run.stdout:
        sys.stderr.write(line)
        if "Ctrl-C stops" in line:
            return
    raise SystemExit("The system did not start")


if __name__ == "__main__":
    sys.exit(main())
