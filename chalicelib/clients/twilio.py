"""Twilio: SMS. One call per message, no retries here: Twilio's Messages have no idempotency key.

Each call has a connection of its own: one that was kept, and that the other side closes just then,
would leave open whether the message goes out.

https://www.twilio.com/docs/messaging/api/message-resource, error numbers:
https://www.twilio.com/docs/api/errors (read 2026-11).
"""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.clients.secrets import secret
from chalicelib.config import settings

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT_SECONDS = 5.0
HOST = "https://api.twilio.com"
BUSY = 429


class SmsRefused(Exception):
    """Surely not sent. `number` is Twilio's error; `permanent`: the same call will fail again."""

    def __init__(self, number: int | None, *, permanent: bool) -> None:
        super().__init__(number)
        self.number = number
        self.permanent = permanent


class SmsUnknown(Exception):
    """The call failed in a way that leaves open whether the message goes out."""


def send_sms(to: str, text: str) -> None:
    """Send `text` to the E.164 phone `to`. Raises SmsRefused or SmsUnknown."""
    import requests
    from twilio.base.exceptions import TwilioException, TwilioRestException

    sender = settings().TWILIO_SENDER
    by_service = sender.startswith("MG")
    try:
        _client().messages.create(
            to=to,
            body=text,
            **({"messaging_service_sid": sender} if by_service else {"from_": sender}),
        )
    except TwilioRestException as exc:
        if exc.status < 500:
            raise SmsRefused(exc.code, permanent=exc.status != BUSY) from exc
        # 20503 is said before the message is taken; other errors of the server may come after.
        if exc.status == 503:
            raise SmsRefused(exc.code, permanent=False) from exc
        raise SmsUnknown from exc
    except requests.exceptions.ConnectTimeout as exc:
        raise SmsRefused(None, permanent=False) from exc
    except requests.exceptions.ConnectionError as exc:
        if _never_connected(exc):
            raise SmsRefused(None, permanent=False) from exc
        raise SmsUnknown from exc
    except (requests.exceptions.RequestException, TwilioException) as exc:
        raise SmsUnknown from exc


def _never_connected(exc: Exception) -> bool:
    from urllib3.exceptions import NewConnectionError

    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    return isinstance(reason, NewConnectionError)


@lru_cache(maxsize=1)
def _client() -> "Client":
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    # The library logs whole requests, phones included; this logger lets nothing through.
    quiet = logging.getLogger("lkk.twilio")
    quiet.disabled = True

    class Http(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
        """Reaches the configured address: the library has no setting for it (twilio-python #521)."""

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            base = settings().TWILIO_API_BASE
            return super().request(
                method, url.replace(HOST, base) if base else url, *args, **kwargs
            )

    return Client(
        settings().TWILIO_ACCOUNT_SID,
        secret(settings().TWILIO_AUTH_TOKEN),
        http_client=Http(pool_connections=False, timeout=TIMEOUT_SECONDS, logger=quiet),
    )
