"""A stand-in for Twilio's Messages resource, faithful enough for the official library.

https://www.twilio.com/docs/messaging/api/message-resource - errors carry Twilio's numbers. As with
Twilio's test credentials some receivers always fail: those that end in the digits of `FAILURES`.
"""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.inbox import Inbox

FAILURES = {
    "5550001": (400, 21211, "Invalid 'To' Phone Number"),
    "5550002": (400, 21612, "The message cannot be routed to the 'To' number"),
    "5550003": (400, 21408, "Permission to send an SMS has not been enabled for the region"),
    "5550004": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "5550009": (400, 21614, "'To' number is not a valid mobile number"),
    "5550029": (429, 20429, "Too Many Requests"),
    "5550050": (503, 20503, "Service unavailable"),
}
SENT_BUT_UNKNOWN = "5550051"
"""The message goes out, yet the answer is an error of the server: an unknown outcome."""
BODY_LIMIT = 1600


class LocalTwilio:
    """The account `sid` with its messages. Set `down` to make every call fail with 503."""

    def __init__(self, inbox: Inbox, sid: str, token: str, now: Callable[[], datetime]) -> None:
        self._inbox = inbox
        self._sid = sid
        self._authorization = "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode()
        self._now = now
        self._messages: dict[str, dict[str, object]] = {}
        self.down = False
        account = "/2010-04-01/Accounts/{account}"
        self.asgi = Starlette(
            routes=[
                Route(f"{account}/Messages.json", self._create, methods=["POST"]),
                Route(f"{account}/Messages/{{message}}.json", self._fetch, methods=["GET"]),
            ]
        )

    async def _create(self, request: Request) -> Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        form = await request.form()
        to, body = str(form.get("To") or ""), str(form.get("Body") or "")
        sender = str(form.get("MessagingServiceSid") or form.get("From") or "")
        fault = _fault(to, sender, body)
        if fault is not None:
            return _problem(*fault)
        self._inbox.keep_sms(to, body)
        if to[-7:] == SENT_BUT_UNKNOWN:
            return _problem(504, 20504, "Gateway timeout")
        message = self._message(to, sender, body)
        self._messages[str(message["sid"])] = message
        return JSONResponse({**message, "status": "queued"}, 201)

    async def _fetch(self, request: Request) -> Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        message = self._messages.get(request.path_params["message"])
        return JSONResponse(message) if message else _problem(404, 20404, "Not found")

    def _refused(self, request: Request) -> Response | None:
        if self.down:
            return _problem(503, 20503, "Service unavailable")
        right_account = request.path_params["account"] == self._sid
        if not right_account or request.headers.get("authorization") != self._authorization:
            return _problem(401, 20003, "Authenticate")
        return None

    def _message(self, to: str, sender: str, body: str) -> dict[str, object]:
        sid = f"SM{secrets.token_hex(16)}"
        at = format_datetime(self._now())
        service = sender if sender.startswith("MG") else None
        return {
            "account_sid": self._sid,
            "api_version": "2010-04-01",
            "body": body,
            "date_created": at,
            "date_sent": at,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": None if service else sender,
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "delivered",
            "subresource_uris": {},
            "to": to,
            "uri": f"/2010-04-01/Accounts/{self._sid}/Messages/{sid}.json",
        }


def _fault(to: str, sender: str, body: str) -> tuple[int, int, str] | None:
    if not to:
        return 400, 21604, "A 'To' phone number is required."
    if not sender:
        return 400, 21603, "A 'From' phone number is required."
    if not body:
        return 400, 21602, "Message body is required."
    if len(body) > BODY_LIMIT:
        return 400, 21617, "The concatenated message body exceeds 1600 characters"
    if not (to.startswith("+") and to[1:].isdecimal() and 8 <= len(to) <= 16):
        return 400, 21211, f"Invalid 'To' Phone Number: {to}"
    return FAILURES.get(to[-7:])


def _problem(status: int, code: int, message: str) -> Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse(
        {"code": code, "message": message, "more_info": more, "status": status}, status
    )
