"""`make run` as a person has it: a process of its own, on a folder of its own."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from local.engines import ROOT
from local.ports import free_port


class Run:
    """One `python -m local.run`."""

    def __init__(self, folder: Path, port: int, demo_accounts: int) -> None:
        self.url = f"http://localhost:{port}"
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE_", "TWILIO_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local.run"],
            cwd=ROOT,
            env={
                **clean,
                "PORT": str(port),
                "LKK_DATA_DIR": str(folder),
                "LKK_DEMO_ACCOUNTS": str(demo_accounts),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self) -> str:
        """What it says until it is ready."""
        said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said += line
            if "Ctrl-C stops" in line:
                return said
        raise AssertionError(f"it ended: {said}")

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """`start()` begins a run in the test's folder."""
    runs: list[Run] = []

    def begin(port: int | None = None, demo_accounts: int = 0) -> Run:
        runs.append(Run(tmp_path, port or free_port(), demo_accounts))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.end(signal.SIGKILL)
        assert run.process.stdout is not None
        run.process.stdout.close()


def test_it_starts_says_where_to_look_and_stops_on_ctrl_c(start: Callable[..., Run]) -> None:
    run = start()

    said = run.wait_ready()

    assert f"{run.url}/v1/docs" in said
    assert f"{run.url}/_local/" in said
    assert httpx.get(f"{run.url}/v1/health").status_code == 200
    assert run.end(signal.SIGINT) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{run.url}/v1/health")


def test_a_run_is_healthy_when_its_demo_centre_is_there(start: Callable[..., Run]) -> None:
    run = start(demo_accounts=40)

    healthy(run)
    free = httpx.get(f"{run.url}/_local/demo").json()["free_accounts"][0]

    someone = signed_in(run, "+79001112244")
    proof = {name: free[name] for name in ("account_number", "period", "amount")}
    answer = httpx.post(f"{run.url}/v1/account-proofs", headers=someone, json=proof)
    assert answer.status_code == 200


def healthy(run: Run) -> None:
    """Wait as a stranger does, who cannot see what the run says."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            if httpx.get(f"{run.url}/v1/health", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it never became healthy")


def signed_in(run: Run, phone: str) -> dict[str, str]:
    """The headers of a new client."""
    asked = {"phone": phone, "consents": ["personal_data"]}
    challenge = httpx.post(f"{run.url}/v1/auth/otp", json=asked).json()["challenge_id"]
    httpx.post(f"{run.url}/_local/idle", timeout=60)
    sms = httpx.get(f"{run.url}/_local/inbox", params={"to": phone}).json()["items"][0]["text"]
    code = re.search(r"\d{6}", sms)
    assert code is not None
    verify = f"{run.url}/v1/auth/otp/{challenge}/verify"
    session = httpx.post(verify, json={"code": code[0]}).json()
    return {"Authorization": f"Bearer {session['access_token']}"}


def test_a_killed_run_loses_neither_tables_nor_mail_nor_time(start: Callable[..., Run]) -> None:
    first = start()
    first.wait_ready()
    asked = {"phone": "+79001112233", "consents": ["personal_data"]}
    challenge = httpx.post(f"{first.url}/v1/auth/otp", json=asked).json()["challenge_id"]
    httpx.post(f"{first.url}/_local/idle", timeout=60)
    moved = httpx.post(f"{first.url}/_local/clock", json={"advance_seconds": 120}, timeout=60)
    first.end(signal.SIGKILL)

    second = start()
    second.wait_ready()

    assert httpx.get(f"{second.url}/_local/clock").json()["now"] >= moved.json()["now"]
    sms = httpx.get(f"{second.url}/_local/inbox?to=%2B79001112233").json()["items"][0]["text"]
    code = re.search(r"\d{6}", sms)
    assert code is not None
    answer = httpx.post(f"{second.url}/v1/auth/otp/{challenge}/verify", json={"code": code[0]})
    assert answer.status_code == 200


def test_a_taken_port_is_told_in_one_line(start: Callable[..., Run]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        run = start(port)
        said, _ = run.process.communicate(timeout=30)

    assert run.process.returncode == 1
    assert said.splitlines() == [
        f"Cannot run: port {port} is taken: stop what uses it, or `make run PORT={port + 1}`"
    ]


def test_a_second_run_on_the_same_folder_is_refused_in_one_line(start: Callable[..., Run]) -> None:
    start().wait_ready()

    second = start()
    said, _ = second.process.communicate(timeout=30)

    assert second.process.returncode == 1
    assert "another run uses" in said
    assert len(said.splitlines()) == 1


def test_it_listens_on_the_loopback_only(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_ready()

    pids = [run.process.pid, *_children(run.process.pid)]
    addresses = [address for pid in pids for address in _listening(pid)]

    assert len(addresses) >= 3
    assert {address for address, _ in addresses} == {"0100007F"}


def test_the_engines_end_with_a_killed_run(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_ready()
    children = [os.pidfd_open(pid) for pid in _children(run.process.pid)]
    assert len(children) == 2

    run.end(signal.SIGKILL)

    for child in children:
        ended, _, _ = select.select([child], [], [], 10)
        assert ended
        os.close(child)


def test_a_proxy_of_the_network_is_not_asked_for_this_machine(
    start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    run = start()

    run.wait_ready()

    assert httpx.get(f"{run.url}/v1/health", trust_env=False).status_code == 200


def test_nothing_heavy_is_loaded_before_the_engines_begin() -> None:
    asked = "import local.run, sys; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT, text=True).split()

    assert "local.engines" in loaded
    assert {"boto3", "botocore", "chalice", "pydantic", "pynamodb", "uvicorn"}.isdisjoint(loaded)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _listening(pid: int) -> list[tuple[str, int]]:
    """Listening TCP addresses of a process, as /proc writes them."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = handle.readlink().name
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                found.append((address, int(port, 16)))
    return found
