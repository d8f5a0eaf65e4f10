"""The stand-in as a process: killed and started again, and mounted in a bigger app."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from local.ports import free_port
from tests.local.stripe.support import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    Clock,
    Door,
    Receiver,
    address,
    charge_off_session,
    payment_session,
    saved_card,
    sdk,
    serve,
    wait_until,
)

ALONE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import uvicorn
from local.stripe import LocalStripe

path, port, hook = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
base = f"http://127.0.0.1:{port}"
now = lambda: datetime(2031, 3, 5, 12, 0, tzinfo=UTC)
stand_in = LocalStripe(path, now, sys.argv[4], base, hook, sys.argv[5])
stand_in.start()
uvicorn.run(stand_in.asgi, port=port, log_level="critical", lifespan="off")
"""


def test_a_killed_process_loses_nothing_that_it_answered(
    door: Door, clock: Clock, receiver: Receiver, tmp_path: Path
) -> None:
    file, port, nobody = tmp_path / "data" / "stripe.db", free_port(), free_port()
    hook = f"http://127.0.0.1:{nobody}/hook"
    arguments = [str(file), str(port), hook, SECRET_KEY, WEBHOOK_SECRET]
    process = subprocess.Popen([sys.executable, "-c", ALONE, *arguments])
    client = sdk(f"http://127.0.0.1:{port}")
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/v1/"), 10)
    made = client.v1.customers.create({"name": "A"}, {"idempotency_key": "new-1"})
    session = payment_session(client)

    process.send_signal(signal.SIGKILL)
    process.wait()

    with serve(door, clock, path=file, webhook_url=receiver.url) as again:
        wait_until(lambda: again.stand_in.pending() == 0)
        repeated = again.client.v1.customers.create({"name": "A"}, {"idempotency_key": "new-1"})
        assert repeated.id == made.id
        assert again.client.v1.checkout.sessions.retrieve(session.id).status == "open"
        assert again.stand_in.pay(address(session), "4242424242424242") == "paid"
    assert receiver.types()[0] == "customer.created"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 401
    except httpx.TransportError:
        return False


def test_a_bigger_app_may_wait_for_the_stand_in_from_all_its_threads(
    door: Door, clock: Clock
) -> None:
    def handler(request: Request) -> PlainTextResponse:
        listed = sdk(f"{door.address}/_stripe").v1.customers.list().data
        return PlainTextResponse(str(len(listed)))

    def ask(_: int) -> str:
        return httpx.get(f"{door.address}/count", trust_env=False, timeout=20).text

    with serve(door, clock, routes=[Route("/count", handler)]), ThreadPoolExecutor(100) as crowd:
        assert set(crowd.map(ask, range(100))) == {"0"}


def test_a_payment_is_charged_once_whatever_the_crowd_under_one_key(
    door: Door, clock: Clock
) -> None:
    with serve(door, clock) as server, ThreadPoolExecutor(8) as crowd:
        customer, method = saved_card(server, "4242424242424242")
        patient = sdk(server.base, retries=5)

        def charge(_: int) -> str:
            return charge_off_session(patient, customer, method, key="pay-1").id

        assert len(set(crowd.map(charge, range(8)))) == 1
        assert len(server.client.v1.charges.list({"customer": customer}).data) == 1
