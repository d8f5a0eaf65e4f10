"""Any mix of lost answers, refusals, crashes, repeats and waiting: at most two copies, never silence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import clock, ids
from chalicelib.clients import queues
from chalicelib.models.base import Refusal
from chalicelib.models.outbox import MessageState, OutboxMessage
from chalicelib.services import delivery
from chalicelib.services.delivery import Outcome, deliver
from chalicelib.services.messages import Message, MessageKind, dispatch, intend_alone
from local.ses import LOST_ANSWER
from local.world import World
from tests.builders import Person
from tests.conftest import Travel

THROTTLED = (429, "TooManyRequestsException")
STEPS = ("deliver", "lost answer", "throttled", "down", "crash", "decide again", "wait")


def decided(client: Person, key: str) -> str:
    message = Message(
        MessageKind.PASSWORD_CHANGED, client.client_id, key, {"at": "2026-11-20T09:00:00Z"}
    )
    return intend_alone(message, clock.now())


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(STEPS), max_size=14))
def test_at_most_two_copies_and_never_silence(
    person: Callable[..., Person], world: World, travel: Travel, steps: list[str]
) -> None:
    address, key = f"{ids.new_id('x')}@home.example", ids.new_id("k")
    client = person(email=address, email_confirmed=True)
    message_id = decided(client, key)
    in_doubt = 0

    for step in steps:
        world.ses.down = step == "down"
        world.ses.faults = {"lost answer": [LOST_ANSWER], "throttled": [THROTTLED]}.get(step, [])
        if step == "wait":
            travel.forward(minutes=6)
        elif step == "decide again":
            decided(client, key)
        elif step == "crash":
            in_doubt += _claimed(message_id)
        else:
            in_doubt += deliver(message_id) in (Outcome.UNKNOWN, Outcome.DEAD)
        assert len(world.inbox.mail(address)) <= 2
    world.ses.down, world.ses.faults = False, []
    for _ in range(3):
        travel.forward(minutes=6)
        deliver(message_id)

    copies, item = len(world.inbox.mail(address)), OutboxMessage.get(message_id)
    assert item.state in (MessageState.SENT.value, MessageState.DEAD.value)
    assert not item.unsent
    if item.state == MessageState.DEAD.value:
        assert in_doubt == 2
    elif in_doubt == 0:
        assert copies == 1
    else:
        assert 1 <= copies <= 2


def _claimed(message_id: str) -> bool:
    """A worker that takes the message and is gone; whether it got it."""
    try:
        OutboxMessage(message_id).claim(
            int(clock.now().timestamp()), delivery.LEASE_SECONDS, delivery.ATTEMPTS
        )
    except Refusal:
        return False
    return True


def test_ten_workers_with_the_same_message_send_one_letter(
    person: Callable[..., Person], world: World
) -> None:
    address = f"{ids.new_id('x')}@home.example"
    message_id = decided(person(email=address, email_confirmed=True), ids.new_id("k"))

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(deliver, [message_id] * 10))

    assert outcomes.count(Outcome.SENT) == 1
    assert len(world.inbox.mail(address)) == 1


def test_a_queue_that_is_out_of_reach_delays_a_message_and_loses_nothing(
    person: Callable[..., Person],
    world: World,
    travel: Travel,
    drain: Callable[[], None],
    run_schedule: Callable[[str], None],
) -> None:
    address = f"{ids.new_id('x')}@home.example"
    message_id = decided(person(email=address, email_confirmed=True), ids.new_id("k"))
    events: Any = queues._client().meta.events

    def out_of_reach(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 403, HTTPHeaders(), _Body())

    events.register("before-send.sqs", out_of_reach)
    try:
        dispatch([message_id])
    finally:
        events.unregister("before-send.sqs", out_of_reach)
    drain()
    before = len(world.inbox.mail(address))
    travel.forward(minutes=6)
    run_schedule("resend_unsent")
    drain()

    assert (before, len(world.inbox.mail(address))) == (0, 1)


class _Body:
    def stream(self, **_: Any) -> Any:
        yield b'{"__type":"AccessDenied","message":"as asked for"}'

    def read(self) -> bytes:
        return b""


def test_a_dead_letter_queue_can_be_put_back_any_number_of_times(
    person: Callable[..., Person], world: World, travel: Travel, drain: Callable[[], None]
) -> None:
    address = f"{ids.new_id('x')}@home.example"
    message_id = decided(person(email=address, email_confirmed=True), ids.new_id("k"))

    for _ in range(3):
        dispatch([message_id] * 4)
        drain()
        travel.to(clock.now() + timedelta(days=1))

    assert len(world.inbox.mail(address)) == 1


@pytest.mark.parametrize("kind", ["", "no_such_kind"])
def test_a_message_of_a_kind_that_is_not_known_fails_loudly(kind: str) -> None:
    item = OutboxMessage(
        ids.derived_id("msg", kind, ids.new_id("k")),
        kind=kind,
        params={},
        created_at="2026-11-20T09:00:00Z",
        unsent="unsent#00",
    )
    item.save()

    with pytest.raises(ValueError, match="is not a valid MessageKind"):
        deliver(item.message_id)
