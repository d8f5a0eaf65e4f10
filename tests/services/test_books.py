"""The provider's money and ours, side by side: seeded differences are found exactly."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from chalicelib import clock
from chalicelib.clients.stripe_calls import client
from chalicelib.config import settings
from chalicelib.models.payment import Payment
from chalicelib.services import books
from chalicelib.services.books import Difference, Mismatch
from local.stripe import LocalStripe
from local.world import World
from tests.builders import Centre, Person
from tests.conftest import Travel
from tests.paying import Till
from tests.services.test_settlement import intent, paid_in, started, told


@pytest.fixture
def till(
    api: httpx.Client, stripe_side: LocalStripe, drain: Callable[[], None], world: World
) -> Till:
    stripe_side.drop_webhooks(lambda _: True)
    return Till(api, stripe_side, drain, f"{world.url}/payments")


def charged(payment: Payment, amount: int) -> str:
    """Money that the provider captured for a payment, whatever we believe; the intent's id."""
    made = client().v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "rub",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "off_session": True,
            "metadata": {
                "payment_id": payment.payment_id,
                "client_id": payment.client_id,
                "stage": settings().STAGE,
            },
        }
    )
    return made.id


def test_every_seeded_difference_is_found_once_and_what_is_missing_gets_booked(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    travel.to(clock.now() + timedelta(days=100))  # a day on which no other test pays
    day = clock.today()
    accounts = [centre.account(to_pay=10_000, insurance=0) for _ in range(5)]
    resident = person().holds(accounts[0]).holds(accounts[4])
    lost = till.paid(resident, till.item(accounts[0]))
    agreed = started([accounts[1]])
    told(agreed, intent(agreed, id=charged(agreed, 10_000), captured_at=clock.now()))
    invented = started([accounts[2]])
    told(invented, intent(invented, captured_at=clock.now()))
    other = started([accounts[3]])
    charged(other, 9_999)
    told(other, intent(other, captured_at=clock.now()))
    refunded = till.paid(resident, till.item(accounts[4]))
    _settle(refunded["id"])
    refund = till.stripe.refund(_intent_of(refunded["id"]), 1)

    found = books.reconcile(day)

    assert found == sorted(
        [
            Mismatch(lost["id"], lost["id"], Difference.NOT_BOOKED),
            Mismatch(invented.payment_id, invented.payment_id, Difference.NOT_AT_PROVIDER),
            Mismatch(other.payment_id, other.payment_id, Difference.AMOUNT),
            Mismatch(refunded["id"], refund["id"], Difference.NOT_BOOKED),
        ]
    )
    assert paid_in(accounts[0]) == 10_000
    assert paid_in(accounts[4]) == 9_999

    again = books.reconcile(day)

    assert {m.difference for m in again} == {Difference.NOT_AT_PROVIDER, Difference.AMOUNT}
    assert again == books.compare(day)


def _intent_of(payment_id: str) -> str:
    for found in client().v1.payment_intents.list({"limit": 100}).auto_paging_iter():
        if (found.to_dict().get("metadata") or {}).get("payment_id") == payment_id:
            return found.id
    raise AssertionError(payment_id)


def _settle(payment_id: str) -> None:
    from chalicelib.services import payment_events

    payment_events.look(_intent_of(payment_id), "payment_intent.succeeded")
