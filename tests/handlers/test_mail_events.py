"""Letters that come back, from what SES says to the letters that are no longer sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib import clock, ids
from chalicelib.models.client import PROFILE, Client
from chalicelib.services.delivery import Outcome, deliver
from chalicelib.services.mail_events import stop_mail
from chalicelib.services.messages import Message, MessageKind, intend_alone
from local import rules
from local.inbox import Inbox
from tests.builders import Person

EVENTS = Path(__file__).parent.parent / "events"
PersonMaker = Callable[..., Person]


def letter_to(client: Person) -> str:
    message = Message(
        MessageKind.PASSWORD_CHANGED, client.client_id, ids.new_id("k"), {"at": clock.now()}
    )
    return intend_alone(message, clock.now())


def profile(client: Person) -> Client:
    return Client.get(client.client_id, PROFILE, consistent_read=True)


@pytest.mark.parametrize("why", ["bounce", "complaint"])
def test_an_address_that_does_not_want_letters_gets_no_more(
    person: PersonMaker, inbox: Inbox, drain: Callable[[], None], why: str
) -> None:
    address = f"{why}+{ids.new_id('x')}@simulator.amazonses.com"
    client = person(email=address, email_confirmed=True)

    first = deliver(letter_to(client))
    drain()
    second = deliver(letter_to(client))

    assert (first, second) == (Outcome.SENT, Outcome.SKIPPED)
    assert profile(client).email_stopped == why
    assert len(inbox.mail(address)) == 1


def test_a_late_bounce_of_an_old_address_leaves_the_new_one_alone(
    person: PersonMaker,
) -> None:
    client = person(email=f"{ids.new_id('x')}@home.example", email_confirmed=True)
    message_id = letter_to(client)
    deliver(message_id)
    moved = profile(client)
    moved.update([Client.email.set(f"{ids.new_id('x')}@home.example")])

    assert stop_mail(message_id, "bounce") is False
    assert not profile(client).email_stopped


def test_the_same_bounce_twice_or_of_an_unknown_letter_is_harmless(person: PersonMaker) -> None:
    client = person(email=f"{ids.new_id('x')}@home.example", email_confirmed=True)
    message_id = letter_to(client)
    deliver(message_id)

    assert stop_mail(message_id, "bounce") is True
    assert stop_mail(message_id, "bounce") is True
    assert stop_mail("msg_unknown", "bounce") is False


def bounce(**changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "ses_bounce.json").read_text())
    event["detail"]["bounce"] |= changes
    return event


def test_only_the_id_of_the_letter_reaches_the_queue() -> None:
    bodies = [json.loads(body) for _, body in rules.routed(bounce())]

    assert bodies == [{"event": "bounce", "message_id": "msg_" + "0" * 32}]


def test_a_full_mailbox_is_no_reason_to_stop() -> None:
    assert not list(rules.routed(bounce(bounceType="Transient", bounceSubType="MailboxFull")))
