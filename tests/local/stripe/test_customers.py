"""Customers and their saved cards."""

import pytest
import stripe

from local.stripe import LocalStripe
from tests.local.stripe.support import Clock, Server, saved_card


def test_a_customer_is_made_read_changed_and_deleted(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create(
        {"name": "Иванова А. Б.", "email": "a@example.com", "metadata": {"user": "7", "old": "1"}}
    )
    changed = client.v1.customers.update(
        made.id, {"phone": "+79990000000", "metadata": {"old": "", "new": "2"}}
    )
    gone = client.v1.customers.delete(made.id)

    assert made.id.startswith("cus_")
    assert client.v1.customers.retrieve(made.id).deleted
    assert changed.name == "Иванова А. Б."
    assert changed.phone == "+79990000000"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"user": "7", "new": "2"}
    assert gone.deleted
    assert client.v1.customers.list().data == []


def test_a_deleted_customer_cannot_be_changed_or_named(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create().id
    client.v1.customers.delete(customer)

    with pytest.raises(stripe.InvalidRequestError) as changed:
        client.v1.customers.update(customer, {"name": "x"})
    with pytest.raises(stripe.InvalidRequestError) as named:
        client.v1.payment_intents.create({"amount": 100, "currency": "rub", "customer": customer})

    assert (changed.value.http_status, changed.value.code) == (404, "resource_missing")
    assert (named.value.http_status, named.value.param) == (400, "customer")


def test_customers_are_listed_newest_first_by_pages_and_by_email(
    client: stripe.StripeClient, clock: Clock
) -> None:
    ids = []
    for number in range(5):
        ids.append(client.v1.customers.create({"email": f"{number % 2}@example.com"}).id)
        clock.move(seconds=10)

    first = client.v1.customers.list({"limit": 2})
    second = client.v1.customers.list({"limit": 2, "starting_after": ids[3]})
    back = client.v1.customers.list({"limit": 2, "ending_before": ids[1]})
    by_email = client.v1.customers.list({"email": "0@example.com"})
    later = client.v1.customers.list({"created": {"gte": int(clock.now().timestamp()) - 20}})

    assert [one.id for one in first.data] == [ids[4], ids[3]]
    assert first.has_more
    assert [one.id for one in second.data] == [ids[2], ids[1]]
    assert [one.id for one in back.data] == [ids[3], ids[2]]
    assert [one.id for one in by_email.data] == [ids[4], ids[2], ids[0]]
    assert [one.id for one in later.data] == [ids[4], ids[3]]
    every = [one.id for one in client.v1.customers.list({"limit": 2}).auto_paging_iter()]
    assert every == ids[::-1]


def test_a_test_token_becomes_a_card_of_the_customer(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create().id

    method = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer})

    assert method.card is not None
    assert (method.card.brand, method.card.last4) == ("mastercard", "4444")
    listed = client.v1.payment_methods.list({"customer": customer, "type": "card"}).data
    of_customer = client.v1.customers.payment_methods.list(customer).data
    assert [one.id for one in listed] == [one.id for one in of_customer] == [method.id]
    assert client.v1.customers.payment_methods.retrieve(customer, method.id).id == method.id


def test_a_card_declined_at_the_check_is_not_attached(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create().id

    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_methods.attach(
            "pm_card_chargeDeclinedInsufficientFunds", {"customer": customer}
        )

    assert refused.value.code == "card_declined"
    assert client.v1.customers.payment_methods.list(customer).data == []


def test_a_detached_card_is_not_listed_and_cannot_pay(server: Server) -> None:
    customer, method = saved_card(server, "4242424242424242")

    server.client.v1.payment_methods.detach(method)

    assert server.client.v1.customers.payment_methods.list(customer).data == []
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        server.client.v1.payment_intents.create(
            {"amount": 100_00, "currency": "rub", "customer": customer, "payment_method": method}
        )


def test_deleting_a_customer_lets_go_of_the_cards(server: Server) -> None:
    customer, method = saved_card(server, "4242424242424242")

    server.client.v1.customers.delete(customer)

    assert server.client.v1.payment_methods.retrieve(method).customer is None


def test_a_card_of_one_customer_does_not_pay_for_another(server: Server) -> None:
    _, method = saved_card(server, "4242424242424242")
    other = server.client.v1.customers.create().id

    with pytest.raises(stripe.InvalidRequestError, match="does not have a payment method"):
        server.client.v1.payment_intents.create(
            {"amount": 100_00, "currency": "rub", "customer": other, "payment_method": method}
        )


def test_a_card_by_its_number_must_be_a_test_card(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    method = client.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2035, "cvc": "123"},
        }
    )
    with pytest.raises(stripe.CardError) as unknown:
        client.v1.payment_methods.create(
            {
                "type": "card",
                "card": {"number": "4111111111111111", "exp_month": 1, "exp_year": 2035},
            }
        )
    with pytest.raises(stripe.CardError) as past:
        client.v1.payment_methods.create(
            {
                "type": "card",
                "card": {"number": "4242424242424242", "exp_month": 2, "exp_year": 2031},
            }
        )

    assert method.card is not None
    assert method.card.last4 == "4242"
    assert unknown.value.code == "incorrect_number"
    assert past.value.code == "invalid_expiry_year"
