"""`make bench-start`: how long a later start takes, beside a plain import of the application.

On a data folder of its own with a small demo centre, which a first start makes. Printed as a ratio,
since both grow with the slowness of the machine.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from local import environment
from local.engines import ROOT
from local.ports import free_port

STARTS = int(os.environ.get("STARTS", "5"))
READY = "ready in"


def main() -> int:
    """Run it; the exit code."""
    with tempfile.TemporaryDirectory(prefix="lkk-", ignore_cleanup_errors=True) as folder:
        _start(folder)
        starts = [_start(folder) for _ in range(STARTS)]
        imports = [_import() for _ in range(STARTS)]
    start, alone = statistics.median(starts), statistics.median(imports)
    _say(f"later starts {min(starts):.1f} to {max(starts):.1f} s, median {start:.1f} s")
    _say(
        f"importing the application alone {alone:.1f} s; a start takes {start / alone:.1f} times that"
    )
    return 0


def _start(folder: str) -> float:
    """Seconds from the command until it says that it is ready."""
    began = time.monotonic()
    given = {"PORT": str(free_port()), "LKK_DATA_DIR": folder, "LKK_DEMO_ACCOUNTS": "40"}
    ours = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    run = subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env={**ours, **given},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the whole group, as from a terminal
    )
    assert run.stdout is not None
    with run.stdout:
        ready = next(time.monotonic() for line in run.stdout if READY in line)
        os.killpg(run.pid, signal.SIGINT)
        run.stdout.read()
    run.wait()
    return ready - began


def _import() -> float:
    began = time.monotonic()
    nobody = f"http://127.0.0.1:{free_port()}"  # an import asks nobody anything
    given = environment.application_environment(
        dynamodb_url=nobody, cloud_url=nobody, public_url=nobody
    )
    command = [sys.executable, "-c", "import app"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, check=True)
    return time.monotonic() - began


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the person's terminal


if __name__ == "__main__":
    sys.exit(main())
