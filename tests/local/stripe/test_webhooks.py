"""Events and their webhooks. The receiver verifies every signature with the SDK."""

import stripe

from local.stripe import LocalStripe
from tests.local.stripe.support import (
    Clock,
    Receiver,
    Server,
    address,
    payment_session,
    wait_until,
)


def idle(server: Server) -> None:
    wait_until(lambda: server.stand_in.pending() == 0)


def test_a_payment_is_told_by_signed_webhooks(
    sending: Server, receiver: Receiver, clock: Clock
) -> None:
    session = payment_session(sending.client, metadata={"payment": "p-1"})
    sending.stand_in.pay(address(session), "4242424242424242")
    idle(sending)

    assert receiver.types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]
    completed = receiver.events[-1]
    assert completed["api_version"] == "2026-10-28.endive"
    assert completed["livemode"] is False
    assert completed["created"] == int(clock.now().timestamp())
    assert completed["data"]["object"]["id"] == session.id
    assert completed["data"]["object"]["metadata"] == {"payment": "p-1"}
    assert receiver.events[3]["data"]["previous_attributes"] == {"balance_transaction": None}


def test_an_event_tells_the_request_that_caused_it(sending: Server, receiver: Receiver) -> None:
    made = sending.client.v1.customers.create({}, {"idempotency_key": "new-1"})
    sending.client.v1.customers.update(made.id, {"name": "A", "metadata": {"k": "v"}})
    idle(sending)

    created, updated = receiver.events
    assert created["request"]["idempotency_key"] == "new-1"
    assert created["request"]["id"].startswith("req_")
    assert updated["data"]["previous_attributes"] == {"name": None, "metadata": {"k": None}}


def test_a_refused_webhook_is_tried_again(sending: Server, receiver: Receiver) -> None:
    receiver.answers = [500, 404, 302]
    sending.client.v1.customers.create()
    idle(sending)

    assert receiver.types() == ["customer.created"]
    assert len(receiver.refused) == 3
    assert {event["id"] for event in receiver.refused} == {receiver.events[0]["id"]}


def test_a_waiting_webhook_does_not_hold_up_the_others(sending: Server, receiver: Receiver) -> None:
    receiver.answers = [500]
    sending.client.v1.customers.create({"name": "first"})
    wait_until(lambda: len(receiver.refused) == 1)
    sending.client.v1.customers.create({"name": "second"})
    idle(sending)

    assert [event["data"]["object"]["name"] for event in receiver.events] == ["second", "first"]


def test_webhooks_wait_while_paused_and_may_come_in_another_order(
    sending: Server, receiver: Receiver
) -> None:
    sending.stand_in.pause_webhooks()
    sending.stand_in.pay(address(payment_session(sending.client)), "4242424242424242")
    assert sending.stand_in.pending() == 5

    names = sending.client.v1.events.list().data
    sending.stand_in.resume_webhooks(order=lambda event: event["type"])
    idle(sending)

    assert receiver.types() == sorted(receiver.types())
    assert len(receiver.types()) == 5
    assert [event.pending_webhooks for event in names] == [1] * 5
    assert sending.client.v1.events.list().data[0].pending_webhooks == 0


def test_a_lost_webhook_stays_in_the_list_of_events_and_can_be_sent_again(
    sending: Server, receiver: Receiver
) -> None:
    sending.stand_in.drop_webhooks(1)
    sending.client.v1.customers.create({"name": "lost"})
    sending.client.v1.customers.create({"name": "kept"})
    idle(sending)
    assert [event["data"]["object"]["name"] for event in receiver.events] == ["kept"]

    lost = sending.client.v1.events.list().data[1]
    for _ in range(2):
        sending.stand_in.redeliver(lost.id)
    idle(sending)

    assert [event["id"] for event in receiver.events[1:]] == [lost.id, lost.id]


def test_webhooks_are_lost_by_a_predicate(sending: Server, receiver: Receiver) -> None:
    sending.stand_in.drop_webhooks(lambda event: event["type"].startswith("charge."))
    sending.stand_in.pay(address(payment_session(sending.client)), "4242424242424242")
    idle(sending)

    assert receiver.types() == [
        "payment_intent.created",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_events_are_listed_newest_first_by_type_and_time(server: Server, clock: Clock) -> None:
    client = server.client
    first = client.v1.customers.create()
    clock.move(hours=1)
    client.v1.customers.update(first.id, {"name": "A"})
    client.v1.customers.delete(first.id)

    every = client.v1.events.list()
    recent = client.v1.events.list({"created": {"gte": int(clock.now().timestamp())}})
    some = client.v1.events.list({"types": ["customer.created", "customer.deleted"]})
    pages = client.v1.events.list({"limit": 1}).auto_paging_iter()

    types = ["customer.deleted", "customer.updated", "customer.created"]
    assert [event.type for event in every.data] == types
    assert [event.type for event in recent.data] == types[:2]
    assert [event.type for event in some.data] == [types[0], types[2]]
    assert [event.type for event in pages] == types
    assert client.v1.events.retrieve(every.data[0].id).type == types[0]


def test_stopping_twice_and_without_a_url_is_harmless(clock: Clock) -> None:
    stand_in = LocalStripe(None, clock.now, "sk", "http://localhost/_stripe", None, "whsec")
    stand_in.start()
    stand_in.stop()
    stand_in.stop()

    assert stand_in.pending() == 0
    stand_in.close()


def test_the_pinned_sdk_speaks_the_version_of_the_stand_in() -> None:
    assert stripe.api_version == "2026-10-28.endive"
