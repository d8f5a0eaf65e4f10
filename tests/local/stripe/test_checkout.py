"""Checkout sessions through the API, paid by `LocalStripe.pay`."""

from typing import Any

import pytest
import stripe

from local.stripe import LocalStripe, Refused
from tests.local.stripe.support import (
    Clock,
    Server,
    address,
    charge_off_session,
    payment_session,
    saved_card,
    setup_session,
)


def test_a_paid_session_is_complete_and_leads_to_its_charge(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    customer = client.v1.customers.create({"email": "a@example.com"}).id
    session = payment_session(
        client,
        customer=customer,
        client_reference_id="p-1",
        metadata={"payment": "p-1"},
        payment_intent_data={"metadata": {"payment": "p-1"}, "receipt_email": "a@example.com"},
    )
    outcome = stand_in.pay(address(session), "4242 4242 4242 4242")

    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "line_items"]}
    )
    assert outcome == "paid"
    assert (session.status, session.payment_status, session.payment_intent) == (
        "open",
        "unpaid",
        None,
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (paid.amount_total, paid.currency, paid.client_reference_id) == (150_00, "rub", "p-1")
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.customer) == ("succeeded", customer)
    assert intent.metadata.to_dict() == {"payment": "p-1"}
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert paid.line_items is not None
    assert paid.line_items.data[0].description == "Лицевой счёт 77-1"
    assert paid.customer_details is not None
    assert paid.customer_details.email == "a@example.com"


def test_a_set_up_session_saves_the_card(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    customer = client.v1.customers.create().id
    session = setup_session(client, customer, setup_intent_data={"metadata": {"mandate": "m-1"}})

    outcome = stand_in.pay(address(session), "4000002500003155")

    done = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["setup_intent.payment_method"]}
    )
    assert outcome == "paid"
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert isinstance(done.setup_intent, stripe.SetupIntent)
    assert done.setup_intent.status == "succeeded"
    assert done.setup_intent.metadata is not None
    assert done.setup_intent.metadata.to_dict() == {"mandate": "m-1"}
    method = done.setup_intent.payment_method
    assert isinstance(method, stripe.PaymentMethod)
    assert method.customer == customer


@pytest.mark.parametrize(
    "card",
    [
        "4000000000000002",
        "4000000000009995",
        "4000000000009987",
        "4000000000009979",
        "4000000000000069",
        "4000000000000127",
        "4000000000000119",
        "4000000000000341",
        "4000008260003178",
        "4111111111111111",
        "4242424242424241",
    ],
)
def test_a_declined_card_leaves_the_session_open_for_another(
    client: stripe.StripeClient, stand_in: LocalStripe, card: str
) -> None:
    session = payment_session(client)

    assert stand_in.pay(address(session), card) == "declined"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert stand_in.pay(address(session), "5555555555554444") == "paid"


@pytest.mark.parametrize("card", ["4000002500003155", "4000002760003184"])
def test_a_failed_authentication_leaves_the_payment_to_be_tried_again(
    client: stripe.StripeClient, stand_in: LocalStripe, card: str
) -> None:
    session = payment_session(client)

    assert stand_in.pay(address(session), card, authenticate=False) == "requires_action"
    tried = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert tried.status == "open"
    assert isinstance(tried.payment_intent, stripe.PaymentIntent)
    assert tried.payment_intent.status == "requires_payment_method"
    assert tried.payment_intent.last_payment_error is not None
    assert tried.payment_intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert stand_in.pay(address(session), card) == "paid"
    assert len(client.v1.payment_intents.list().data) == 1


def test_an_abandoned_page_changes_nothing_and_expires_after_a_day(
    client: stripe.StripeClient, stand_in: LocalStripe, clock: Clock
) -> None:
    session = payment_session(client)
    assert stand_in.pay(address(session), "4242424242424242", abandon=True) == "abandoned"
    clock.move(hours=23, minutes=59)
    stand_in.tick()
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"

    clock.move(minutes=1)
    stand_in.tick()

    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    (event,) = client.v1.events.list({"type": "checkout.session.expired"}).data
    assert event.data.object["id"] == session.id
    with pytest.raises(Refused, match="expired"):
        stand_in.pay(address(session), "4242424242424242")


def test_expiring_a_session_cancels_the_payment_that_was_begun(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    session = payment_session(client)
    stand_in.pay(address(session), "4000000000000002")
    (intent,) = client.v1.payment_intents.list().data
    with pytest.raises(stripe.InvalidRequestError, match="expire the Checkout Session"):
        client.v1.payment_intents.cancel(intent.id)

    expired = client.v1.checkout.sessions.expire(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_paid_session_cannot_be_paid_again(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    session = payment_session(client)
    stand_in.pay(address(session), "4242424242424242")

    with pytest.raises(Refused, match="complete"):
        stand_in.pay(address(session), "4242424242424242")

    assert len(client.v1.charges.list().data) == 1


def test_a_payment_session_may_save_its_card(server: Server) -> None:
    customer = server.client.v1.customers.create().id
    session = payment_session(
        server.client,
        customer=customer,
        payment_intent_data={"setup_future_usage": "off_session"},
    )
    server.stand_in.pay(address(session), "4242424242424242")

    (method,) = server.client.v1.customers.payment_methods.list(customer).data
    assert charge_off_session(server.client, customer, method.id).status == "succeeded"


def test_sessions_are_listed_by_customer_payment_and_status(server: Server) -> None:
    customer, _ = saved_card(server, "4242424242424242")
    session = payment_session(server.client, customer=customer)
    server.stand_in.pay(address(session), "4242424242424242")
    paid = server.client.v1.checkout.sessions.retrieve(session.id)
    payment_session(server.client)

    assert isinstance(paid.payment_intent, str)
    sessions = server.client.v1.checkout.sessions
    assert len(sessions.list({"customer": customer}).data) == 2
    assert sessions.list({"payment_intent": paid.payment_intent}).data[0].id == session.id
    assert len(sessions.list({"status": "open"}).data) == 1
    assert sessions.line_items.list(session.id).data[0].amount_total == 150_00


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"mode": "subscription"}, "mode"),
        ({"success_url": "shop"}, "success_url"),
        ({"success_url": "javascript://x"}, "success_url"),
        ({"expires_at": 1}, "expires_at"),
        ({"customer_email": "a@example.com", "customer": "cus_1"}, "customer_email"),
        ({"locale": "xx"}, "locale"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"payment_intent_data": {"colour": "red"}}, "payment_intent_data[colour]"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
    ],
)
def test_a_session_that_cannot_be_is_refused_by_name(
    client: stripe.StripeClient, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payment_session(client, **fields)

    assert refused.value.param == param


def test_a_set_up_session_needs_a_currency(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(
            {"mode": "setup", "success_url": "https://shop.example/"}
        )

    assert (refused.value.code, refused.value.param) == ("parameter_missing", "currency")
