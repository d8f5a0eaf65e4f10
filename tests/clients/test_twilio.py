"""What Twilio's answers mean: sent, surely not sent, or unknown."""

import re
from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.clients.twilio import SmsRefused, SmsUnknown, send_sms
from chalicelib.config import settings
from chalicelib.errors import TooMany
from chalicelib.models.limits import Budget, Limit
from chalicelib.services import otp, tokens
from chalicelib.services.origins import Origin
from local.inbox import Inbox
from local.world import World
from tests.builders import fresh_phone


def test_a_text_arrives_as_it_was_sent(inbox: Inbox) -> None:
    phone = fresh_phone()

    send_sms(phone, "Привет, 123")

    assert inbox.sms(phone)[0].text == "Привет, 123"


@pytest.mark.parametrize(
    ("ending", "number", "permanent"),
    [("5550001", 21211, True), ("5550004", 21610, True), ("5550029", 20429, False)],
)
def test_a_refusal_says_whether_trying_again_helps(
    ending: str, number: int, permanent: bool
) -> None:
    with pytest.raises(SmsRefused) as refused:
        send_sms(f"+7900{ending}", "x")

    assert (refused.value.number, refused.value.permanent) == (number, permanent)


def test_a_provider_that_is_down_took_nothing(world: World) -> None:
    world.twilio.down = True

    with pytest.raises(SmsRefused) as refused:
        send_sms(fresh_phone(), "x")

    assert not refused.value.permanent


def test_an_error_after_taking_the_message_is_unknown() -> None:
    with pytest.raises(SmsUnknown):
        send_sms("+79005550051", "x")


@pytest.mark.parametrize("budget", ["address", "all"])
def test_a_full_budget_refuses_until_the_next_hour(inbox: Inbox, budget: str) -> None:
    at, phone = clock.now() + timedelta(minutes=20, days=1000), fresh_phone()
    origin = Origin("ru", f"203.0.113.{len(budget)}", "", "api")
    name = f"sms#{tokens.keyed_hash('address', origin.address)[:32]}"
    limit = settings().OTP_SENDS_PER_ADDRESS_HOUR
    if budget == "all":
        name, limit, at = "sms", settings().OTP_SENDS_PER_HOUR, at + timedelta(hours=1)
    for shard in range(16):
        Limit(f"{name}#{at:%Y-%m-%dT%H}#{shard}", used=limit).save()

    with pytest.raises(TooMany) as refused:
        otp.send(phone, otp.SIGN_IN, origin, at)
    later = at + timedelta(seconds=Budget.wait_seconds(at))
    otp.send(phone, otp.SIGN_IN, origin, later)

    assert refused.value.code == "too_many_requests"
    assert refused.value.retry_after_seconds == 40 * 60
    assert len(re.findall(r"\d{6}", inbox.sms(phone)[0].text)) == 1
