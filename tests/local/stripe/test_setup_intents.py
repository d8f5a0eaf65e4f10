"""Saving cards through the API."""

import pytest
import stripe

from tests.local.stripe.support import error_of


def test_a_confirmed_set_up_attaches_the_card(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create().id

    intent = client.v1.setup_intents.create(
        {
            "customer": customer,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"account": "77-1"},
            "expand": ["payment_method"],
        }
    )

    assert (intent.status, intent.usage) == ("succeeded", "off_session")
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    assert intent.payment_method.customer == customer
    assert client.v1.setup_intents.list({"customer": customer}).data[0].id == intent.id


def test_a_card_that_fails_the_check_is_refused(client: stripe.StripeClient) -> None:
    intent = client.v1.setup_intents.create()

    with pytest.raises(stripe.CardError) as refused:
        client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})

    assert error_of(refused.value)["setup_intent"]["id"] == intent.id
    again = client.v1.setup_intents.retrieve(intent.id)
    assert again.status == "requires_payment_method"
    assert again.last_setup_error is not None
    assert again.last_setup_error.code == "card_declined"
    (event,) = client.v1.events.list({"type": "setup_intent.setup_failed"}).data
    assert event.data.object["id"] == intent.id


def test_a_set_up_that_asks_for_authentication_waits(client: stripe.StripeClient) -> None:
    intent = client.v1.setup_intents.create({"usage": "off_session"})

    waiting = client.v1.setup_intents.confirm(
        intent.id, {"payment_method": "pm_card_authenticationRequired"}
    )

    assert waiting.status == "requires_action"
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    cancelled = client.v1.setup_intents.cancel(intent.id)
    assert cancelled.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.setup_intents.cancel(intent.id)
    assert refused.value.code == "setup_intent_unexpected_state"
