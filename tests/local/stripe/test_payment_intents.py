"""Payments with saved cards: nobody present, somebody present, declined."""

from typing import Any

import pytest
import stripe

from tests.local.stripe.support import Clock, Server, charge_off_session, error_of, saved_card

DECLINES = [
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
]


def test_a_saved_card_pays_with_nobody_present(server: Server, clock: Clock) -> None:
    customer, method = saved_card(server, "4242424242424242")

    paid = charge_off_session(
        server.client,
        customer,
        method,
        amount=1_234_56,
        description="Август",
        receipt_email="a@example.com",
        metadata={"payment": "p-1"},
    )

    assert (paid.status, paid.amount_received, paid.currency) == ("succeeded", 1_234_56, "rub")
    assert paid.created == int(clock.now().timestamp())
    charge = paid.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.paid, charge.amount_captured) == (True, 1_234_56)
    assert charge.receipt_email == "a@example.com"
    assert charge.metadata.to_dict() == paid.metadata.to_dict() == {"payment": "p-1"}
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"
    assert server.client.v1.payment_intents.retrieve(paid.id).latest_charge == charge.id


@pytest.mark.parametrize(("token", "code", "decline_code"), DECLINES)
def test_a_declined_card_answers_402_and_the_intent_keeps_the_reason(
    client: stripe.StripeClient, token: str, code: str, decline_code: str
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_intents.create(
            {
                "amount": 100_00,
                "currency": "rub",
                "payment_method": token,
                "confirm": True,
                "off_session": True,
            }
        )

    error = error_of(refused.value)
    assert refused.value.http_status == 402
    assert (error["type"], error["code"], error["decline_code"]) == (
        "card_error",
        code,
        decline_code,
    )
    intent = client.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert intent.status == error["payment_intent"]["status"] == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert (intent.last_payment_error.code, intent.last_payment_error.decline_code) == (
        code,
        decline_code,
    )
    assert isinstance(intent.latest_charge, str)
    assert client.v1.charges.retrieve(intent.latest_charge).status == "failed"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("4000000000000341", "card_declined", "generic_decline"),
        ("4000002760003184", "authentication_required", "authentication_required"),
        ("4000008260003178", "card_declined", "insufficient_funds"),
    ],
)
def test_a_card_that_was_saved_may_be_refused_later(
    server: Server, card: str, code: str, decline_code: str
) -> None:
    customer, method = saved_card(server, card)

    with pytest.raises(stripe.CardError) as refused:
        charge_off_session(server.client, customer, method)

    error = error_of(refused.value)
    assert (refused.value.http_status, error["code"]) == (402, code)
    assert error["decline_code"] == decline_code
    assert error["payment_intent"]["status"] == "requires_payment_method"
    (event,) = server.client.v1.events.list({"type": "payment_intent.payment_failed"}).data
    assert event.data.object["id"] == error["payment_intent"]["id"]


def test_a_card_authenticated_when_it_was_saved_pays_alone(server: Server) -> None:
    customer, method = saved_card(server, "4000002500003155")

    assert charge_off_session(server.client, customer, method).status == "succeeded"


def test_a_card_whose_month_is_over_is_declined(server: Server, clock: Clock) -> None:
    customer, method = saved_card(server, "4242424242424242")
    clock.move(days=366 * 9)

    with pytest.raises(stripe.CardError) as refused:
        charge_off_session(server.client, customer, method)

    assert refused.value.code == "expired_card"


def test_a_failed_payment_can_be_confirmed_with_another_card(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 100_00,
            "currency": "rub",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})

    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 2
    with pytest.raises(stripe.InvalidRequestError) as twice:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert twice.value.code == "payment_intent_unexpected_state"


def test_a_confirmation_with_the_payer_present_needs_a_return_url(
    client: stripe.StripeClient,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(
            {"amount": 100, "currency": "rub", "payment_method": "pm_card_visa", "confirm": True}
        )

    assert refused.value.param == "return_url"


def test_an_open_payment_is_changed_and_cancelled(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 100_00, "currency": "RUB"})

    changed = client.v1.payment_intents.update(intent.id, {"amount": 200_00})
    cancelled = client.v1.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer"}
    )

    assert (intent.status, intent.currency) == ("requires_payment_method", "rub")
    assert changed.amount == 200_00
    assert (cancelled.status, cancelled.cancellation_reason) == (
        "canceled",
        "requested_by_customer",
    )
    for again in (client.v1.payment_intents.cancel, client.v1.payment_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            again(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"


def test_payments_are_listed_by_customer_with_their_charges(server: Server) -> None:
    customer, method = saved_card(server, "4242424242424242")
    other, others_method = saved_card(server, "5555555555554444")
    first = charge_off_session(server.client, customer, method)
    charge_off_session(server.client, other, others_method)
    second = charge_off_session(server.client, customer, method)

    listed = server.client.v1.payment_intents.list(
        {"customer": customer, "expand": ["data.latest_charge.refunds", "data.payment_method"]}
    ).data

    assert [one.id for one in listed] == [second.id, first.id]
    charge = listed[0].latest_charge
    assert isinstance(charge, stripe.Charge)
    assert charge.refunds is not None
    assert charge.refunds.data == []
    assert isinstance(listed[0].payment_method, stripe.PaymentMethod)
    charges = server.client.v1.charges.list({"customer": customer}).data
    assert [one.payment_intent for one in charges] == [second.id, first.id]


def test_a_payment_may_save_its_card(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create().id

    client.v1.payment_intents.create(
        {
            "amount": 100_00,
            "currency": "rub",
            "customer": customer,
            "payment_method": "pm_card_visa",
            "setup_future_usage": "off_session",
            "confirm": True,
            "return_url": "https://shop.example/",
        }
    )

    (method,) = client.v1.customers.payment_methods.list(customer).data
    assert charge_off_session(client, customer, method.id).status == "succeeded"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"currency": "rub"}, "parameter_missing", "amount"),
        ({"amount": 100}, "parameter_missing", "currency"),
        ({"amount": 0, "currency": "rub"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1.5", "currency": "rub"}, "parameter_invalid_integer", "amount"),
        ({"amount": 10**9, "currency": "rub"}, "amount_too_large", "amount"),
        ({"amount": 100, "currency": "rub", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": 100, "currency": "rub", "payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"amount": 100, "currency": "rub", "customer": "cus_1"}, "resource_missing", "customer"),
        ({"amount": 100, "currency": "rub", "expand": ["colour"]}, None, "expand"),
    ],
)
def test_what_the_api_does_not_take_is_refused_by_name(
    client: stripe.StripeClient, params: Any, code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(params)

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (
        400,
        code,
        param,
    )
    assert client.v1.payment_intents.list().data == []


def test_an_unknown_id_is_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_unknown")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert refused.value.user_message == "No such payment_intent: 'pi_unknown'"
