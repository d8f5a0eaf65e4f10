"""The door of the provider's notifications, and what becomes of them."""

import json
import time
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
import stripe

from chalicelib.clients import queues
from chalicelib.clients.stripe_calls import client
from chalicelib.config import settings
from chalicelib.models.entry import Entry
from chalicelib.models.payment import Payment
from chalicelib.services import payment_events
from chalicelib.services.settlement import UnknownPayment
from local.stripe.webhooks import signature
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Trips
from tests.paying import DECLINED, VISA, Died, Till, dying, pages_of


def event(kind: str = "payment_intent.succeeded", **changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "livemode": False,
        "created": 1_795_000_000,
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
        **changes,
    }


def events_of(intent_id: str) -> list[dict[str, Any]]:
    """Every event of one payment that the provider has, newest first."""
    found = []
    for one in client().v1.events.list({"limit": 100}).auto_paging_iter():
        raw = one.to_dict()
        about = raw["data"]["object"]
        if intent_id in (about["id"], about.get("payment_intent")):
            found.append(raw)
    return found


def kinds(account: MadeAccount) -> list[str]:
    found = Entry.query(account.number, Entry.item.startswith("entry#"), consistent_read=True)
    return sorted(entry.kind for entry in found)


# --- the door


def test_a_signed_event_is_taken_without_touching_a_table(till: Till, trips: Trips) -> None:
    trips.clear()

    answer = till.webhook(event("payment_intent.canceled"))

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert trips == []


@pytest.mark.parametrize("kind", ["invoice.paid", "customer.updated", "nobody.knows"])
def test_types_that_mean_nothing_to_us_are_taken_and_ignored(till: Till, kind: str) -> None:
    assert till.webhook(event(kind)).status_code == 200


def test_a_bad_signature_is_refused(till: Till) -> None:
    answer = till.webhook(event(), secret="whsec_of_somebody_else")

    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_signature_invalid")
    assert answer.headers["content-type"] == "application/problem+json"


def test_no_signature_is_refused(till: Till) -> None:
    assert till.api.post("/v1/webhooks/stripe", json=event()).status_code == 400


@pytest.mark.parametrize("age", [-600, 600])
def test_an_old_or_future_signature_is_refused(till: Till, age: int) -> None:
    body = json.dumps(event())
    key = settings().STRIPE_WEBHOOK_SECRET.split(",")[0]
    header = {"Stripe-Signature": signature(body, key, int(time.time()) + age)}

    assert till.api.post("/v1/webhooks/stripe", content=body, headers=header).status_code == 400


def test_an_event_of_the_other_mode_is_refused(till: Till) -> None:
    assert till.webhook(event(livemode=True)).status_code == 400


@pytest.mark.parametrize(
    "body", [[], "text", None, {}, {"type": 1}, {"id": "evt_1", "type": "x", "livemode": False}]
)
def test_a_signed_body_that_is_no_event_is_refused(till: Till, body: Any) -> None:
    assert till.webhook(body).status_code == 400


def test_a_large_event_is_taken(till: Till) -> None:
    large = event("payment_intent.canceled")
    large["data"]["object"]["description"] = "x" * 200_000

    assert till.webhook(large).status_code == 200


# --- what becomes of it


def test_a_refund_in_the_dashboard_reaches_the_balance(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account(to_pay=100_000, insurance=0)
    resident = person().holds(account)
    made = till.paid(resident, till.item(account))
    intent_id = till.stored(resident, made).payment_intent_id
    assert intent_id is not None

    till.stripe.refund(intent_id, 30_000)
    till.drain()

    seen = till.see(resident, made["id"])
    assert (seen["status"], seen["refunded"]["amount"]) == ("partly_refunded", 30_000)
    assert till.to_pay(resident, account) == 30_000

    till.stripe.refund(intent_id)
    till.drain()

    assert till.see(resident, made["id"])["status"] == "refunded"
    assert till.to_pay(resident, account) == 100_000
    assert kinds(account) == ["payment", "refund", "refund"]


@pytest.mark.parametrize(("won", "status", "to_pay"), [(True, "paid", 0), (False, "disputed", 50)])
def test_a_dispute_takes_the_money_back_until_it_is_won(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    won: bool,
    status: str,
    to_pay: int,
) -> None:
    account = centre.account(to_pay=50, insurance=0)
    resident = person().holds(account)
    made = till.paid(resident, till.item(account))
    intent_id = till.stored(resident, made).payment_intent_id
    assert intent_id is not None

    till.stripe.dispute(intent_id)
    till.drain()
    assert till.see(resident, made["id"])["status"] == "disputed"
    assert till.to_pay(resident, account) == 50

    till.stripe.close_dispute(intent_id, won=won)
    till.drain()
    assert till.see(resident, made["id"])["status"] == status
    assert till.to_pay(resident, account) == to_pay


def test_events_in_any_order_and_repeated_end_alike(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account(to_pay=50_000, insurance=0)
    resident = person().holds(account)
    till.stripe.drop_webhooks(lambda _: True)
    endings = []
    orders = list(permutations(range(4)))[::5]
    for order in orders:
        made = till.started(resident, till.item(account, 1_000), confirm_repeat=True)
        assert till.stripe.pay(made["checkout_url"], VISA) == "paid"
        intent_id = _intent_of(made["id"])
        till.stripe.refund(intent_id, 100)
        till.stripe.refund(intent_id, 200)
        wanted = ("payment_intent.created", "payment_intent.succeeded", "refund.created")
        told = [e for e in events_of(intent_id) if e["type"] in wanted]
        assert len(told) == 4

        for place in order:
            till.webhook(told[place])
            till.drain()
            till.webhook(told[place])
        till.drain()

        seen = till.see(resident, made["id"])
        endings.append((seen["status"], seen["refunded"]["amount"]))

    assert endings == [("partly_refunded", 300)] * len(orders)
    assert kinds(account) == ["payment"] * len(orders) + ["refund"] * 2 * len(orders)
    assert till.to_pay(resident, account) == 50_000 - 700 * len(orders)


def _intent_of(payment_id: str) -> str:
    for intent in client().v1.payment_intents.list({"limit": 100}).auto_paging_iter():
        if (intent.to_dict().get("metadata") or {}).get("payment_id") == payment_id:
            return intent.id
    raise AssertionError(payment_id)


def test_a_payment_of_another_stage_is_left_alone(till: Till, trips: Trips) -> None:
    made = _foreign_intent({"payment_id": "pay_1", "client_id": "cli_1", "stage": "other"})
    trips.clear()

    till.webhook(event(data={"object": {"id": made.id, "object": "payment_intent"}}))
    till.drain()

    assert trips == []


def test_a_payment_of_another_program_is_left_alone(till: Till, trips: Trips) -> None:
    made = _foreign_intent({})
    trips.clear()

    till.webhook(event(data={"object": {"id": made.id, "object": "payment_intent"}}))
    till.drain()

    assert trips == []


def test_a_payment_of_ours_that_we_do_not_have_is_not_dropped(till: Till) -> None:
    till.stripe.drop_webhooks(lambda _: True)
    made = _foreign_intent(
        {"payment_id": "pay_lost", "client_id": "cli_lost", "stage": settings().STAGE}
    )

    with pytest.raises(UnknownPayment):
        payment_events.look(made.id, "payment_intent.succeeded")
    till.drain()  # its own webhooks are lost here, lest they fail in another test


def _page_without_a_payment(till: Till, centre: Centre, person: Person) -> dict[str, Any]:
    """A page that was made, and the process died before the payment was stored with it."""
    account = centre.account()
    person.holds(account)
    till.stripe.drop_webhooks(lambda _: True)
    with dying("before-call", 2), pytest.raises(Died):
        till.ask(person, till.item(account))
    (page,) = pages_of(person)
    return page


def test_a_page_that_nobody_was_given_ends_without_a_trace_but_a_number(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    capsys: pytest.CaptureFixture[str],
) -> None:
    resident = person()
    page = _page_without_a_payment(till, centre, resident)
    client().v1.checkout.sessions.expire(page["id"])
    capsys.readouterr()

    payment_events.look(page["id"], "checkout.session.expired")

    assert "payment_pages_unused" in capsys.readouterr().out
    assert list(Payment.query(resident.client_id)) == []


def test_a_card_that_was_refused_on_a_page_without_a_payment_is_left_alone(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = _page_without_a_payment(till, centre, person())
    assert till.stripe.pay(page["url"], DECLINED) == "declined"
    capsys.readouterr()

    payment_events.look(page["id"], "checkout.session.expired")
    payment_events.look(_intent_of(page["metadata"]["payment_id"]), "payment_intent.canceled")

    assert capsys.readouterr().out.count('"payment_pages_unused":') == 2


@pytest.mark.parametrize("kind", ["checkout.session.completed", "payment_intent.succeeded"])
def test_money_on_a_page_without_a_payment_is_never_dropped(
    till: Till, centre: Centre, person: Callable[..., Person], kind: str
) -> None:
    page = _page_without_a_payment(till, centre, person())
    assert till.stripe.pay(page["url"], VISA) == "paid"
    intent_id = _intent_of(page["metadata"]["payment_id"])

    with pytest.raises(UnknownPayment):
        payment_events.look(page["id"] if "session" in kind else intent_id, kind)


def _foreign_intent(metadata: dict[str, str]) -> stripe.PaymentIntent:
    return client().v1.payment_intents.create(
        {
            "amount": 100,
            "currency": "rub",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "off_session": True,
            "metadata": metadata,
        }
    )


def test_settling_costs_two_round_trips(
    till: Till, centre: Centre, person: Callable[..., Person], trips: Trips
) -> None:
    account = centre.account()
    resident = person().holds(account)
    till.stripe.drop_webhooks(lambda _: True)
    made = till.started(resident, till.item(account))
    till.stripe.pay(made["checkout_url"], VISA)
    intent_id = _intent_of(made["id"])
    trips.clear()

    queues.send(
        settings().PAYMENT_EVENTS_QUEUE,
        {"event_id": "evt_1", "type": "payment_intent.succeeded", "object_id": intent_id},
    )
    till.drain()

    settling = [trip for trip, table in trips.tables if table in ("", settings().PAYMENTS_TABLE)]
    assert settling[:2] == ["GetItem", "TransactWriteItems"]
