"""Money that goes back: refunds, and disputes won and lost."""

import pytest
import stripe

from local.stripe import LocalStripe, Refused
from tests.local.stripe.support import address, payment_session


@pytest.fixture
def paid(client: stripe.StripeClient, stand_in: LocalStripe) -> str:
    """A payment of 150 roubles; its id."""
    session = payment_session(client, 150_00)
    stand_in.pay(address(session), "4242424242424242")
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    assert isinstance(intent, str)
    return intent


def charge_of(client: stripe.StripeClient, payment: str) -> stripe.Charge:
    intent = client.v1.payment_intents.retrieve(payment, {"expand": ["latest_charge.refunds"]})
    assert isinstance(intent.latest_charge, stripe.Charge)
    return intent.latest_charge


def test_a_payment_is_refunded_in_parts_and_never_beyond(
    client: stripe.StripeClient, paid: str
) -> None:
    first = client.v1.refunds.create(
        {
            "payment_intent": paid,
            "amount": 50_00,
            "reason": "requested_by_customer",
            "metadata": {"refund": "r-1"},
        }
    )
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as over:
        client.v1.refunds.create({"payment_intent": paid, "amount": 100_01})
    rest = client.v1.refunds.create({"charge": charge_of(client, paid).id})
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.v1.refunds.create({"payment_intent": paid, "amount": 1})

    assert (first.status, first.amount, first.payment_intent) == ("succeeded", 50_00, paid)
    assert over.value.param == "amount"
    assert rest.amount == 100_00
    assert again.value.code == "charge_already_refunded"
    charge = charge_of(client, paid)
    assert (charge.refunded, charge.amount_refunded) == (True, 150_00)
    assert charge.refunds is not None
    assert [one.id for one in charge.refunds.data] == [rest.id, first.id]
    listed = client.v1.refunds.list({"payment_intent": paid, "expand": ["data.charge"]}).data
    assert [one.id for one in listed] == [rest.id, first.id]
    assert isinstance(listed[0].charge, stripe.Charge)
    assert client.v1.refunds.retrieve(first.id).metadata == first.metadata


def test_an_unpaid_payment_is_not_refunded(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 100_00, "currency": "rub"})

    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as nothing:
        client.v1.refunds.create({"amount": 1})

    assert nothing.value.code == "parameter_missing"


def test_a_refund_in_the_dashboard_is_seen_by_the_api(
    client: stripe.StripeClient, stand_in: LocalStripe, paid: str
) -> None:
    made = stand_in.refund(paid, 20_00)

    assert client.v1.refunds.retrieve(made["id"]).amount == 20_00
    with pytest.raises(Refused, match="greater than"):
        stand_in.refund(paid, 130_01)
    types = [event.type for event in client.v1.events.list({"limit": 4}).data][::-1]
    assert types == ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]


def test_a_disputed_payment_is_not_refunded_until_the_dispute_is_won(
    client: stripe.StripeClient, stand_in: LocalStripe, paid: str
) -> None:
    opened = stand_in.dispute(paid, 100_00)
    with pytest.raises(stripe.InvalidRequestError) as disputed:
        client.v1.refunds.create({"payment_intent": paid})
    evidence = client.v1.disputes.update(
        opened["id"], {"evidence": {"customer_name": "A"}, "submit": True}
    )

    won = stand_in.close_dispute(paid, won=True)

    assert opened["status"] == "needs_response"
    assert charge_of(client, paid).disputed
    assert disputed.value.code == "charge_disputed"
    assert evidence.status == "under_review"
    found = client.v1.disputes.list({"payment_intent": paid}).data[0]
    assert (won["status"], found.status, found.amount) == ("won", "won", 100_00)
    assert [money.amount for money in found.balance_transactions] == [-100_00, 100_00]
    assert client.v1.refunds.create({"payment_intent": paid}).amount == 150_00
    assert dispute_events(client) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]


def test_a_lost_dispute_keeps_the_money(
    client: stripe.StripeClient, stand_in: LocalStripe, paid: str
) -> None:
    opened = stand_in.dispute(paid)

    stand_in.close_dispute(paid, won=False)

    lost = client.v1.disputes.retrieve(opened["id"], {"expand": ["payment_intent"]})
    assert (lost.status, lost.amount) == ("lost", 150_00)
    assert isinstance(lost.payment_intent, stripe.PaymentIntent)
    assert "charge.dispute.funds_reinstated" not in dispute_events(client)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid})
    assert refused.value.code == "charge_disputed"
    with pytest.raises(Refused, match="already closed"):
        stand_in.close_dispute(paid, won=True)


def test_a_dispute_must_be_possible(
    client: stripe.StripeClient, stand_in: LocalStripe, paid: str
) -> None:
    stand_in.refund(paid, 100_00)
    unpaid = client.v1.payment_intents.create({"amount": 100_00, "currency": "rub"}).id

    for payment, amount in ((paid, 50_01), (paid, 0), (unpaid, None)):
        with pytest.raises(Refused):
            stand_in.dispute(payment, amount)
    with pytest.raises(Refused, match="not disputed"):
        stand_in.close_dispute(paid, won=True)

    assert client.v1.disputes.list().data == []


def test_one_test_card_is_disputed_by_itself(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    session = payment_session(client)

    assert stand_in.pay(address(session), "4000000000000259") == "paid"

    (dispute,) = client.v1.disputes.list({"expand": ["data.charge"]}).data
    assert (dispute.reason, dispute.amount) == ("fraudulent", 150_00)
    assert isinstance(dispute.charge, stripe.Charge)
    assert dispute.charge.disputed


def dispute_events(client: stripe.StripeClient) -> list[str]:
    events = client.v1.events.list({"limit": 100}).data
    return [str(one.type) for one in events if one.type.startswith("charge.dispute.")][::-1]
