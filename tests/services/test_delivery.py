"""Messages: once, at most twice in doubt, never lost, only to who may and wants to get them."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from chalicelib import clock, ids
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.outbox import MessageState, OutboxMessage
from chalicelib.services import delivery
from chalicelib.services.delivery import Outcome, deliver
from chalicelib.services.messages import (
    Message,
    MessageKind,
    dispatch,
    intend,
    intend_alone,
    message_label,
)
from local.inbox import Inbox
from local.ses import LOST_ANSWER
from local.world import World
from tests.builders import Person
from tests.conftest import Travel, Trips

PersonMaker = Callable[..., Person]


def address() -> str:
    return f"{ids.new_id('x')}@home.example"


def signed_in(client: Person, **wishes: object) -> str:
    message = Message(
        kind=MessageKind.NEW_SIGN_IN,
        client_id=client.client_id,
        key=ids.new_id("key"),
        params={"device": "Firefox, Linux", "at": clock.now()},
        **wishes,  # type: ignore[arg-type]  # whatever a test asks for
    )
    return intend_alone(message, clock.now())


def reminder(client: Person, **wishes: object) -> str:
    message = Message(
        kind=MessageKind.READING_REMINDER,
        client_id=client.client_id,
        key=ids.new_id("key"),
        params={
            "account_number": "7000000001",
            "closes_on": "2026-11-26",
            "meters": [{"number": "№1", "service": "ХОЛОДНОЕ В/С"}],
        },
        **wishes,  # type: ignore[arg-type]
    )
    return intend_alone(message, clock.now())


def stored(message_id: str) -> OutboxMessage:
    return OutboxMessage.get(message_id, consistent_read=True)


def test_a_decided_message_is_sent_once_and_forgets_what_it_said(
    person: PersonMaker, inbox: Inbox, trips: Trips
) -> None:
    client = person(email=address(), email_confirmed=True)
    message_id = signed_in(client)

    trips.clear()
    first = deliver(message_id)
    cost = list(trips)
    second = deliver(message_id)

    assert (first, second) == (Outcome.SENT, Outcome.NOTHING_TO_DO)
    assert cost == ["UpdateItem", "GetItem", "UpdateItem"]
    assert len(inbox.mail(_address_of(client))) == 1
    item = stored(message_id)
    assert item.state == MessageState.SENT.value
    assert not item.params
    assert not item.unsent


def _address_of(client: Person) -> str:
    from chalicelib.models.client import PROFILE, Client

    return str(Client.get(client.client_id, PROFILE).email)


def test_a_message_reaches_its_reader_through_the_queue(
    person: PersonMaker, inbox: Inbox, drain: Callable[[], None]
) -> None:
    client = person(email=address(), email_confirmed=True)
    message_id = signed_in(client)

    dispatch([message_id])
    drain()

    assert inbox.mail(_address_of(client))[0].subject == "Вход с нового устройства"


def test_a_message_belongs_to_its_transaction(person: PersonMaker) -> None:
    client = person(email=address(), email_confirmed=True)
    message = Message(
        MessageKind.PASSWORD_CHANGED, client.client_id, ids.new_id("k"), {"at": clock.now()}
    )
    t = Transaction()
    message_id = intend(t, message, clock.now())
    t.check("never", OutboxMessage("msg_absent"), OutboxMessage.kind.exists())

    with pytest.raises(Refusal):
        t.commit()

    assert deliver(message_id) is Outcome.NOTHING_TO_DO


def test_deciding_again_on_a_sent_message_does_not_send_it_again(
    person: PersonMaker, inbox: Inbox
) -> None:
    client = person(email=address(), email_confirmed=True)
    message = Message(
        MessageKind.PASSWORD_CHANGED, client.client_id, ids.new_id("k"), {"at": clock.now()}
    )
    deliver(intend_alone(message, clock.now()))

    deliver(intend_alone(message, clock.now()))
    t = Transaction()
    message_id = intend(t, message, clock.now())

    with pytest.raises(Refusal) as refused:
        t.commit()
    assert refused.value.labels == {message_label(message_id)}
    assert len(inbox.mail(_address_of(client))) == 1


def test_what_the_queue_never_got_is_found_and_sent(
    person: PersonMaker,
    inbox: Inbox,
    travel: Travel,
    drain: Callable[[], None],
    run_schedule: Callable[[str], None],
) -> None:
    client = person(email=address(), email_confirmed=True)
    signed_in(client)

    travel.forward(minutes=4)
    run_schedule("resend_unsent")
    drain()
    early = len(inbox.mail(_address_of(client)))
    travel.forward(minutes=2)
    run_schedule("resend_unsent")
    run_schedule("resend_unsent")
    drain()

    assert (early, len(inbox.mail(_address_of(client)))) == (0, 1)


def test_a_service_that_is_down_for_an_hour_loses_and_doubles_nothing(
    person: PersonMaker,
    inbox: Inbox,
    travel: Travel,
    world: World,
    drain: Callable[[], None],
    run_schedule: Callable[[str], None],
) -> None:
    client = person(email=address(), email_confirmed=True)
    dispatch([signed_in(client)])
    world.ses.down = True

    for _ in range(12):
        drain()
        travel.forward(minutes=6)
        run_schedule("resend_unsent")
    world.ses.down = False
    drain()
    travel.forward(minutes=6)
    run_schedule("resend_unsent")
    drain()

    assert len(inbox.mail(_address_of(client))) == 1


def test_two_unknown_outcomes_end_it_with_an_alarm(
    person: PersonMaker,
    inbox: Inbox,
    travel: Travel,
    world: World,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = person(email=address(), email_confirmed=True)
    message_id = signed_in(client)
    world.ses.faults = [LOST_ANSWER] * 2

    outcomes = []
    for _ in range(4):
        outcomes.append(deliver(message_id))
        travel.forward(minutes=6)

    assert outcomes == [Outcome.UNKNOWN, Outcome.DEAD, *[Outcome.NOTHING_TO_DO] * 2]
    assert len(inbox.mail(_address_of(client))) == 2
    assert '"messages_given_up"' in capsys.readouterr().out
    assert stored(message_id).reason == "outcome_unknown_twice"


def test_a_crash_in_the_middle_counts_as_an_unknown_outcome(
    person: PersonMaker, inbox: Inbox, travel: Travel
) -> None:
    client = person(email=address(), email_confirmed=True)
    message_id = signed_in(client)
    OutboxMessage(message_id).claim(
        int(clock.now().timestamp()), delivery.LEASE_SECONDS, delivery.ATTEMPTS
    )  # and then the worker was gone

    at_once = deliver(message_id)
    travel.forward(seconds=delivery.LEASE_SECONDS)
    later = deliver(message_id)

    assert (at_once, later) == (Outcome.NOTHING_TO_DO, Outcome.SENT)
    assert len(inbox.mail(_address_of(client))) == 1


def test_throttling_uses_up_no_attempt(
    person: PersonMaker, inbox: Inbox, travel: Travel, world: World
) -> None:
    client = person(email=address(), email_confirmed=True)
    message_id = signed_in(client)
    world.ses.faults = [(429, "TooManyRequestsException")] * 5

    outcomes = []
    for _ in range(6):
        outcomes.append(deliver(message_id))
        travel.forward(minutes=6)

    assert outcomes == [*[Outcome.POSTPONED] * 5, Outcome.SENT]
    assert len(inbox.mail(_address_of(client))) == 1


def test_a_letter_that_is_refused_for_ever_is_given_up_at_once(
    person: PersonMaker, world: World
) -> None:
    client = person(email=address(), email_confirmed=True)
    world.ses.faults = [(400, "BadRequestException")]

    assert deliver(signed_in(client)) is Outcome.DEAD


def test_what_could_not_be_sent_for_three_days_is_given_up(
    person: PersonMaker, travel: Travel, inbox: Inbox
) -> None:
    client = person(email=address(), email_confirmed=True)
    message_id = signed_in(client)
    travel.to(clock.now() + timedelta(days=3, seconds=1))

    assert deliver(message_id) is Outcome.DEAD
    assert not inbox.mail(_address_of(client))


def test_an_unconfirmed_address_gets_nothing_but_the_letter_that_asks_to_confirm_it(
    person: PersonMaker, inbox: Inbox
) -> None:
    mine = address()
    client = person(email=mine, email_confirmed=False)
    confirmation = Message(
        MessageKind.EMAIL_CONFIRMATION,
        client.client_id,
        ids.new_id("k"),
        {"link": "https://lkk.example/confirm-email?token=t"},
        to=mine,
    )

    notice = deliver(signed_in(client))
    asked = deliver(intend_alone(confirmation, clock.now()))

    assert (notice, asked) == (Outcome.SKIPPED, Outcome.SENT)
    assert [m.subject for m in inbox.mail(mine)] == ["Подтвердите адрес почты"]


def test_a_confirmation_to_an_address_that_was_replaced_is_not_sent(
    person: PersonMaker, inbox: Inbox
) -> None:
    old = address()
    client = person(email=address(), email_confirmed=False)
    confirmation = Message(
        MessageKind.EMAIL_CONFIRMATION,
        client.client_id,
        ids.new_id("k"),
        {"link": "https://lkk.example/confirm-email?token=t"},
        to=old,
    )

    assert deliver(intend_alone(confirmation, clock.now())) is Outcome.SKIPPED
    assert not inbox.mail(old)


def test_without_an_address_it_goes_by_sms_when_that_was_asked_for(
    person: PersonMaker, inbox: Inbox
) -> None:
    client = person()

    silent = deliver(signed_in(client))
    sent = deliver(signed_in(client, sms_if_no_email=True))

    assert (silent, sent) == (Outcome.SKIPPED, Outcome.SENT)
    assert [m.text for m in inbox.sms(client.phone)] == [
        "В личный кабинет вошли с нового устройства. Не вы? Завершите этот сеанс в списке устройств."
    ]


def test_an_sms_can_go_to_a_phone_that_is_no_longer_the_clients(
    person: PersonMaker, inbox: Inbox
) -> None:
    client, old = person(), "+79000099001"
    message = Message(
        MessageKind.PHONE_CHANGED,
        client.client_id,
        ids.new_id("k"),
        {"phone": "+7 900 ***-**-02", "at": clock.now()},
        to=old,
        channel="sms",
    )

    deliver(intend_alone(message, clock.now()))

    assert "+7 900 ***-**-02" in inbox.sms(old)[0].text


@pytest.mark.parametrize(
    ("chosen", "letters", "short"), [(["email"], 1, 0), (["sms"], 0, 1), ([], 0, 0)]
)
def test_notices_go_as_their_reader_chose(
    person: PersonMaker, inbox: Inbox, chosen: list[str], letters: int, short: int
) -> None:
    mine = address()
    client = person(email=mine, email_confirmed=True, notifications={"readings": chosen})

    deliver(reminder(client, sms_if_no_email=True))

    assert (len(inbox.mail(mine)), len(inbox.sms(client.phone))) == (letters, short)


def test_what_was_asked_for_comes_whatever_the_settings_say(
    person: PersonMaker, inbox: Inbox
) -> None:
    mine = address()
    client = person(email=mine, email_confirmed=True, notifications={"readings": []})

    deliver(reminder(client, asked_for=True))

    assert len(inbox.mail(mine)) == 1


def test_whoever_withdraws_the_consent_gets_no_more_notices_by_email(
    api: httpx.Client, person: PersonMaker, inbox: Inbox
) -> None:
    mine = address()
    client = person(email=mine, email_confirmed=True)
    consent = "/v1/me/consents/email_notices"

    api.put(consent, headers=client.headers).raise_for_status()
    deliver(reminder(client))
    given = len(inbox.mail(mine))
    api.delete(consent, headers=client.headers).raise_for_status()
    refused = deliver(reminder(client))
    about_access = deliver(signed_in(client))

    assert (given, refused, about_access) == (1, Outcome.SKIPPED, Outcome.SENT)
    assert len(inbox.mail(mine)) == 2


def test_an_sms_that_was_refused_for_now_goes_later(
    person: PersonMaker, inbox: Inbox, travel: Travel, world: World
) -> None:
    client = person()
    message_id = signed_in(client, channel="sms")
    world.twilio.down = True

    first = deliver(message_id)
    world.twilio.down = False
    travel.forward(minutes=6)
    second = deliver(message_id)

    assert (first, second) == (Outcome.POSTPONED, Outcome.SENT)
    assert len(inbox.sms(client.phone)) == 1


def test_letters_speak_the_language_of_the_client_at_the_time_of_sending(
    person: PersonMaker, inbox: Inbox
) -> None:
    mine = address()
    client = person(email=mine, email_confirmed=True, language="en")

    deliver(signed_in(client))

    assert inbox.mail(mine)[0].subject == "Sign-in from a new device"
