"""SMS and mail stand-ins, driven by the official libraries over HTTP."""

import json
from email.message import EmailMessage
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from local import environment
from local.inbox import Inbox
from local.world import World


class _HereClient(TwilioHttpClient):  # type: ignore[misc]  # the library is untyped
    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(
            method, url.replace("https://api.twilio.com", self._base), *args, **kwargs
        )


def twilio(world: World, token: str = environment.TWILIO["TWILIO_AUTH_TOKEN"]) -> Any:
    return Client(
        environment.TWILIO["TWILIO_ACCOUNT_SID"],
        token,
        http_client=_HereClient(f"{world.url}/_twilio"),
    )


def test_an_sms_is_in_the_inbox_and_can_be_asked_for(world: World, inbox: Inbox) -> None:
    sent = twilio(world).messages.create(to="+79007770001", from_="LKK", body="Код 123456")

    assert sent.status == "queued"
    assert [m.text for m in inbox.sms("+79007770001")] == ["Код 123456"]
    assert twilio(world).messages(sent.sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("to", "code"),
    [("+79005550001", 21211), ("+79005550004", 21610), ("+7900", 21211), ("+79005550029", 20429)],
)
def test_some_numbers_fail_as_at_the_provider(
    world: World, inbox: Inbox, to: str, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio(world).messages.create(to=to, from_="LKK", body="x")

    assert refused.value.code == code
    assert not inbox.sms(to)


def test_a_wrong_token_is_refused(world: World) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio(world, "wrong").messages.create(to="+79007770002", from_="LKK", body="x")

    assert refused.value.status == 401


def letter(to: str, sender: str = "cabinet@centre.example") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Центр <{sender}>", to, "Квитанция"
    made.set_content("Здравствуйте! https://lkk.example/x?token=abc")
    made.add_alternative("<p>Здравствуйте!</p>", subtype="html")
    made.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="Чек.pdf")
    return made.as_bytes()


def send(raw: bytes, to: str) -> str:
    ses = boto3.client("sesv2")
    answer = ses.send_email(Destination={"ToAddresses": [to]}, Content={"Raw": {"Data": raw}})
    return answer["MessageId"]


def test_a_letter_is_kept_whole(world: World, inbox: Inbox) -> None:
    raw = letter("Anna@example.com")

    send(raw, "Anna@example.com")

    kept = inbox.mail("anna@example.com")[0]
    assert (kept.subject, kept.html.strip()) == ("Квитанция", "<p>Здравствуйте!</p>")
    assert "token=abc" in kept.text
    assert kept.raw == raw


def test_an_unverified_sender_is_refused(world: World, inbox: Inbox) -> None:
    with pytest.raises(ClientError) as refused:
        send(letter("b@example.com", sender="someone@else.example"), "b@example.com")

    assert refused.value.response["Error"]["Code"] == "MessageRejected"
    assert not inbox.mail("b@example.com")


def test_the_simulator_bounces_with_an_event_of_its_own(world: World) -> None:
    events: list[dict[str, Any]] = []
    world.ses._on_event, before = events.append, world.ses._on_event

    message_id = send(letter("x@example.com"), "bounce+17@simulator.amazonses.com")

    world.ses._on_event = before
    detail = events[0]["detail"]
    assert (detail["eventType"], detail["mail"]["messageId"]) == ("Bounce", message_id)
    assert detail["bounce"]["bouncedRecipients"][0]["emailAddress"].startswith("bounce+17@")


def test_the_inbox_control_shows_what_was_sent_newest_first(world: World) -> None:
    for body in ("first", "second"):
        twilio(world).messages.create(to="+79007770003", from_="LKK", body=body)

    shown = httpx.get(f"{world.url}/_local/inbox?to=%2B79007770003").json()["items"]

    assert [item["text"] for item in shown] == ["second", "first"]
    assert shown[0].keys() == {"channel", "to", "subject", "text", "html", "sent_at"}
    page = httpx.get(f"{world.url}/_local/?to=%2B79007770003")
    assert "second" in page.text
    assert json.dumps(shown)  # nothing but JSON in it
