"""A stand-in for the operation of SES v2 that sends: letters are kept whole, nothing leaves.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html - an unverified sender is
refused. The mailbox simulator's addresses do what they do in AWS: a bounce or a complaint becomes
an event, which `on_event` gets in the form in which SES gives it to EventBridge.
"""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parseaddr
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.inbox import Inbox

LOST_ANSWER = (500, "InternalServiceErrorException")
SIMULATOR = "simulator.amazonses.com"
Json = dict[str, Any]


class LocalSes:
    """Accepts letters from `sender`. Set `down` to make every call fail with 503.

    `faults` befall the next letters, one each: a refusal (status and code), or `LOST_ANSWER`, a
    letter that is taken and answered with 500.
    """

    def __init__(
        self,
        inbox: Inbox,
        sender: str,
        now: Callable[[], datetime],
        on_event: Callable[[Json], None],
    ) -> None:
        self._inbox = inbox
        self._sender = parseaddr(sender)[1].lower()
        self._now = now
        self._on_event = on_event
        self.down = False
        self.faults: list[tuple[int, str]] = []
        self.asgi = Starlette(
            routes=[
                Route("/v2/email/outbound-emails", self._send, methods=["POST"]),
                Route("/v2/email/identities/{identity}", self._identity, methods=["GET"]),
            ]
        )

    async def _send(self, request: Request) -> Response:
        if self.down:
            return _refusal(503, "ServiceUnavailableException", "Service unavailable")
        asked = await request.json()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and fault != LOST_ANSWER:
            return _refusal(*fault, "As asked for")
        answer = await run_in_threadpool(self._accept, asked)
        return _refusal(*LOST_ANSWER, "As asked for") if fault else answer

    async def _identity(self, request: Request) -> Response:
        if self.down:
            return _refusal(503, "ServiceUnavailableException", "Service unavailable")
        if request.path_params["identity"].lower() != self._sender:
            return _refusal(404, "NotFoundException", "There is no such identity")
        return JSONResponse({"IdentityType": "EMAIL_ADDRESS", "VerifiedForSendingStatus": True})

    def _accept(self, asked: Json) -> Response:
        try:
            raw = base64.b64decode(asked["Content"]["Raw"]["Data"])
        except (KeyError, TypeError, ValueError):
            return _refusal(400, "BadRequestException", "Only Content.Raw is understood here")
        letter = message_from_bytes(raw, policy=default)
        assert isinstance(letter, EmailMessage)
        sender = parseaddr(asked.get("FromEmailAddress") or str(letter["from"] or ""))[1].lower()
        if sender != self._sender:
            text = f"Email address is not verified. The following identities failed: {sender}"
            return _refusal(400, "MessageRejected", text)
        receivers = _receivers(asked, letter)
        if not receivers:
            return _refusal(400, "BadRequestException", "Missing destination")
        message_id = f"{secrets.token_hex(8)}-{secrets.token_hex(16)}-000000"
        for receiver in receivers:
            self._inbox.keep_letter(receiver, letter, raw)
        for receiver in receivers:
            event = self._event(message_id, sender, receiver, letter)
            if event is not None:
                event["detail"]["mail"]["tags"] = _tags(asked)
                self._on_event(event)
        return JSONResponse({"MessageId": message_id})

    def _event(
        self, message_id: str, sender: str, receiver: str, letter: EmailMessage
    ) -> Json | None:
        name, _, domain = receiver.partition("@")
        what = name.partition("+")[0] if domain == SIMULATOR else ""
        at = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if what in ("bounce", "suppressionlist"):
            detail = {
                "eventType": "Bounce",
                "bounce": {
                    "bounceType": "Permanent",
                    "bounceSubType": "General" if what == "bounce" else "OnAccountSuppressionList",
                    "bouncedRecipients": [
                        {
                            "emailAddress": receiver,
                            "action": "failed",
                            "status": "5.1.1",
                            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                        }
                    ],
                    "timestamp": at,
                    "feedbackId": secrets.token_hex(16),
                },
            }
        elif what == "complaint":
            detail = {
                "eventType": "Complaint",
                "complaint": {
                    "complainedRecipients": [{"emailAddress": receiver}],
                    "complaintFeedbackType": "abuse",
                    "timestamp": at,
                    "feedbackId": secrets.token_hex(16),
                },
            }
        else:
            return None
        detail["mail"] = {
            "timestamp": at,
            "source": sender,
            "messageId": message_id,
            "destination": [receiver],
            "headersTruncated": False,
            "headers": [{"name": k, "value": str(v)} for k, v in letter.items()],
            "commonHeaders": {"subject": str(letter["subject"] or ""), "to": [receiver]},
            "tags": {},
        }
        kinds = {"Bounce": "Email Bounced", "Complaint": "Email Complaint Received"}
        return {
            "version": "0",
            "id": secrets.token_hex(16),
            "detail-type": kinds[str(detail["eventType"])],
            "source": "aws.ses",
            "account": "000000000000",
            "time": at,
            "region": "eu-central-1",
            "resources": [],
            "detail": detail,
        }


def _tags(asked: Json) -> Json:
    tags = {tag["Name"]: [tag["Value"]] for tag in asked.get("EmailTags") or []}
    if asked.get("ConfigurationSetName"):
        tags["ses:configuration-set"] = [asked["ConfigurationSetName"]]
    return tags


def _receivers(asked: Json, letter: EmailMessage) -> list[str]:
    destination = asked.get("Destination") or {}
    named = [
        a for k in ("ToAddresses", "CcAddresses", "BccAddresses") for a in destination.get(k, [])
    ]
    if not named:
        named = [str(v) for k in ("to", "cc", "bcc") for v in letter.get_all(k, [])]
    return [address.lower() for _, address in getaddresses(named) if address]


def _refusal(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"message": message}, status, headers={"x-amzn-ErrorType": kind})
