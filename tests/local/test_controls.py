"""Controls that act as a person or as the payment provider."""

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local.world import World

if TYPE_CHECKING:
    from tests.builders import Centre, Person


@pytest.fixture
def control(world: World) -> Iterator[httpx.Client]:
    """The controls, with webhooks on their way."""
    world.stripe.start()
    with httpx.Client(base_url=f"{world.url}/_local", timeout=60) as client:
        yield client


@pytest.fixture
def payment(
    world: World, centre: "Centre", person: "Callable[..., Person]"
) -> "tuple[Person, dict[str, Any]]":
    """Somebody with a payment of 100,00 on the hosted page."""
    somebody = person()
    account = centre.account()
    somebody.holds(account)
    item = {"account_number": account.number, "amount": 10_000, "with_insurance": True}
    made = httpx.post(
        f"{world.url}/v1/payments",
        json={"items": [item], "return_url": f"{world.url}/"},
        headers={**somebody.headers, "Idempotency-Key": str(uuid.uuid4())},
    )
    assert made.status_code == 201, made.text
    return somebody, made.json()


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"card": "4242 4242 4242 4242"}, "paid"),
        ({"card": "4000000000000002"}, "declined"),
        ({"card": "4000002760003184"}, "paid"),
        ({"card": "4000002760003184", "authenticate": False}, "requires_action"),
        ({"abandon": True}, "abandoned"),
    ],
)
def test_the_hosted_page_is_used_as_a_person_would(
    control: httpx.Client,
    payment: "tuple[Person, dict[str, Any]]",
    how: dict[str, Any],
    status: str,
) -> None:
    url = payment[1]["checkout_url"]

    answer = control.post("/pay", json={"checkout_url": url, **how})

    assert answer.json() == {"status": status}


def test_a_refund_on_the_providers_side_reaches_the_payment(
    world: World, control: httpx.Client, payment: "tuple[Person, dict[str, Any]]"
) -> None:
    somebody, made = payment
    control.post("/pay", json={"checkout_url": made["checkout_url"]})
    control.post("/idle")

    refund = {"payment_id": made["id"], "event": "refund", "amount": 4_000}
    done = control.post("/stripe", json=refund)
    settled = control.post("/idle", json={"timeout_seconds": 30})

    assert done.status_code == 200
    assert settled.json() == {"idle": True}
    now = httpx.get(f"{world.url}/v1/payments/{made['id']}", headers=somebody.headers).json()
    assert now["status"] == "partly_refunded"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/pay", {"checkout_url": "http://localhost/c/pay/cs_unknown"}),
        ("/pay", {}),
        ("/stripe", {"payment_id": "pay_unknown", "event": "refund"}),
        ("/stripe", {"payment_id": "pay_unknown", "event": "party"}),
        ("/schedules", {"name": "unknown"}),
        ("/import", {"name": "../payments.csv", "text": ""}),
    ],
)
def test_what_cannot_be_done_is_422_with_a_reason(
    control: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = control.post(path, json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_file_of_the_billing_is_taken_in(
    world: World, control: httpx.Client, payment: "tuple[Person, dict[str, Any]]"
) -> None:
    somebody, made = payment
    number = made["items"][0]["account_number"]
    control.post("/idle")  # the rule of the bucket's events stands from now on
    head = "id;account_number;amount;paid_at;period;agent;payment_id"
    row = f"back-1;{number};-4500;2026-11-03T12:00:00+03:00;2026-11;Почта;"

    taken = control.post("/import", json={"name": "payments-back.csv", "text": f"{head}\n{row}\n"})

    assert taken.status_code == 200, taken.text
    shown = httpx.get(f"{world.url}/v1/payments", headers=somebody.headers).json()["items"]
    assert [each["amount"]["amount"] for each in shown] == [10_000, -4_500]
