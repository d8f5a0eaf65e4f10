"""The embedded cloud's engines as child processes: dynoxide (DynamoDB) and ministack (SQS, S3, EventBridge).

Both listen on 127.0.0.1 at free ports. Children die with this process (Linux), and a pid file lets
the next start end what a kill -9 of something else left behind.
"""

import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from local.ports import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
REGION = "eu-central-1"
_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""A proxy of the person's network is not for this machine."""


class EngineMissing(Exception):
    """A tool that local runs need is not installed; the message says what to do."""


@dataclass
class Engine:
    """An engine that has begun: its name, its address and its process."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    question: str = "/"
    """What it is asked to see that it answers."""

    def answers(self) -> None:
        """Wait until it answers. Raises EngineMissing when it ends instead, or is silent for 30 seconds."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                code = self.process.returncode
                raise EngineMissing(f"{self.name} ended at once (exit {code}); see its log")
            try:
                _directly.open(self.url + self.question, timeout=5).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise EngineMissing(f"{self.name} did not answer within {START_SECONDS} s; see its log")

    def stop(self) -> None:
        """End it gently (ministack writes its state only then), by force after ten seconds."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class Cloud:
    """The embedded cloud: both engines. `with` it, they end with the block."""

    dynamodb: Engine
    services: Engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End what still runs."""
        self.services.stop()
        self.dynamodb.stop()


def begin(folder: Path | None) -> Cloud:
    """Begin both engines with their state in `folder`, in memory when None; nobody waits for them here.

    Call it in the main thread: the engines end with the thread that began them. Raises EngineMissing.
    """
    dynamodb = start_dynamodb(folder)
    try:
        services = start_cloud(folder)
    except BaseException:
        dynamodb.stop()
        raise
    threading.Thread(target=_rouse, args=(services,), name="rouse", daemon=True).start()
    return Cloud(dynamodb, services)


def _rouse(engine: Engine) -> None:
    """Have it asked as early as possible; whoever waits for it hears of it when it cannot answer."""
    with suppress(EngineMissing):
        engine.answers()


def start_dynamodb(folder: Path | None) -> Engine:
    """dynoxide with its SQLite file in `folder`, in memory when None. Answers after about 0.1 s."""
    port = free_port()
    command = [str(_dynoxide()), "serve", "--host", HOST, "--port", str(port)]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        command += ["--db-path", str(folder / "dynamodb.db")]
    return _start("dynamodb", command, port, folder, {})


def start_cloud(folder: Path | None) -> Engine:
    """ministack: SQS, S3, EventBridge; objects kept in `folder`, else in memory. Answers in a second."""
    port = free_port()
    environment = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        # Buckets found again on the disk have forgotten theirs; rules hear only events of their own.
        "MINISTACK_REGION": REGION,
    }
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        environment |= {
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(folder / "s3"),
        }
    engine = _start("cloud", [str(_ministack())], port, folder, environment)
    # It loads a service when it is first asked for it: half a second for SQS.
    return replace(engine, question="/?Action=ListQueues")


def _dynoxide() -> Path:
    machine = {"x86_64": "x64", "AMD64": "x64", "arm64": "arm64", "aarch64": "arm64"}
    name = f"{sys.platform}-{machine.get(platform.machine(), platform.machine())}"
    path = ROOT / "node_modules" / "@dynoxide" / name / "dynoxide"
    if not path.exists():
        raise EngineMissing(f"dynoxide for {name} is not installed: run `make setup`")
    return path


def _ministack() -> Path:
    path = ROOT / ".venv-engines" / "bin" / "ministack"
    if not path.exists():
        raise EngineMissing("ministack is not installed: run `make setup`")
    return path


def _start(
    name: str, command: list[str], port: int, folder: Path | None, environment: dict[str, str]
) -> Engine:
    log = subprocess.DEVNULL
    if folder is not None:
        _end_orphan(folder / f"{name}.pid")
        log = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - a prctl call only, safe after fork
    )
    if folder is not None:
        os.close(log)
        (folder / f"{name}.pid").write_text(f"{process.pid} {command[0]}")
    return Engine(name, f"http://{HOST}:{port}", process)


def _die_with_parent() -> None:
    """Linux: SIGTERM when the parent dies. A new session, so that Ctrl-C reaches only the parent."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _end_orphan(pid_file: Path) -> None:
    """End the engine that a killed run left behind, if it still is that program."""
    try:
        pid_text, _, program = pid_file.read_text().partition(" ")
        pid = int(pid_text)
    except (OSError, ValueError):
        return
    name = Path(program).name
    for sent in (signal.SIGTERM, signal.SIGKILL):
        if not name or name not in _command(pid):
            return
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + 5
        while name in _command(pid) and time.monotonic() < deadline:
            time.sleep(0.02)


def _command(pid: int) -> str:
    """The command line of a living process; nothing for one that has ended."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    asked = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
