"""Starting a payment, through the provider's page, to a settled account."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.stripe import LocalStripe
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Trips

VISA = "4242424242424242"


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


@pytest.fixture
def back(world: Any) -> str:
    """An allowed address to return to."""
    return f"{world.url}/payments"


def ask_for(account: MadeAccount, back: str, amount: int | None = None, **more: Any) -> Any:
    item = {
        "account_number": account.number,
        "amount": account.to_pay if amount is None else amount,
        "with_insurance": True,
    }
    return {"items": [item], "return_url": back, **more}


def test_a_paid_page_settles_the_account(
    api: httpx.Client,
    centre: Centre,
    person: Callable[..., Person],
    stripe_side: LocalStripe,
    drain: Callable[[], None],
    back: str,
) -> None:
    account = centre.account(to_pay=383_719, insurance=6_780)
    resident = person().holds(account)

    made = api.post("/v1/payments", json=ask_for(account, back), headers=resident.headers | key())

    assert made.status_code == 201, made.text
    payment = made.json()
    assert payment["status"] == "pending"
    assert payment["amount"] == {"amount": 383_719, "currency": "RUB"}
    assert payment["warnings"] == []
    assert stripe_side.pay(payment["checkout_url"], VISA) == "paid"
    drain()
    from chalicelib.models.payment import Payment

    settled = Payment.get(resident.client_id, payment["id"])
    assert settled.status == "paid"
    assert settled.card_last4 == "4242"
    shown = api.get(f"/v1/accounts/{account}", headers=resident.headers).json()
    assert shown["balance"]["to_pay"]["amount"] == 0


def test_starting_costs_three_round_trips(
    api: httpx.Client,
    centre: Centre,
    person: Callable[..., Person],
    stripe_side: LocalStripe,
    trips: Trips,
    back: str,
) -> None:
    account = centre.account()
    resident = person().holds(account)
    headers = resident.headers | key()
    trips.clear()

    made = api.post("/v1/payments", json=ask_for(account, back), headers=headers)

    assert made.status_code == 201
    assert trips == ["BatchGetItem", "TransactWriteItems", "TransactWriteItems"]
