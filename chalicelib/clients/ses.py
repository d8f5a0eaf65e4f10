"""Amazon SES v2: letters. One call per letter and no retries here: SendEmail has no idempotency key.

Each call has a connection of its own: one that was kept, and that the other side closes just then,
would leave open whether the letter goes out.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html (read 2026-11).
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.config import settings

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.exceptions import ClientError
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import SendEmailRequestTypeDef

UNAVAILABLE = 500
FOR_EVER = frozenset({"BadRequestException", "ValidationException", "InvalidParameterValue"})
"""Refusals of the letter itself; every other 4xx is about the account, the rate or the setting-up."""


class MailRefused(Exception):
    """Surely not sent. `permanent`: the same letter will be refused again."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class MailUnknown(Exception):
    """The call failed in a way that leaves open whether the letter goes out."""


def send_letter(mime: bytes, receiver: str, message_id: str) -> None:
    """Send one letter, tagged with our id so that its bounce finds the way back.

    Raises MailRefused, MailUnknown.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        HTTPClientError,
    )

    asked: SendEmailRequestTypeDef = {
        "Destination": {"ToAddresses": [receiver]},
        "Content": {"Raw": {"Data": mime}},
        "EmailTags": [{"Name": "message_id", "Value": message_id}],
    }
    configuration = settings().MAIL_CONFIGURATION_SET
    if configuration:
        asked["ConfigurationSetName"] = configuration
    try:
        _client().send_email(**asked)
    except ClientError as exc:
        code = exc.response.get("Error", {}).get("Code", "")
        if _status(exc) >= UNAVAILABLE:
            raise MailUnknown(code) from exc
        raise MailRefused(code, permanent=code in FOR_EVER) from exc
    except (ConnectTimeoutError, EndpointConnectionError) as exc:
        raise MailRefused(type(exc).__name__, permanent=False) from exc
    except HTTPClientError as exc:  # a read timeout, a connection that ended: it may have arrived
        raise MailUnknown(type(exc).__name__) from exc
    except BotoCoreError as exc:  # no credentials, no region: nothing left this machine
        raise MailRefused(type(exc).__name__, permanent=False) from exc


def answers() -> bool:
    """Whether SES answers at all: asked before a letter of unknown fate is sent a second time."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        _client().get_email_identity(EmailIdentity=settings().MAIL_SENDER)
    except ClientError as exc:
        return _status(exc) < UNAVAILABLE
    except BotoCoreError:
        return False
    return True


def _status(exc: "ClientError") -> int:
    return int(exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))


@lru_cache(maxsize=1)
def _client() -> "SESV2Client":
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "sesv2",
        config=Config(
            connect_timeout=2,
            read_timeout=8,
            # The SDK's own retries repeat after a timeout too: a second letter without our counting.
            retries={"total_max_attempts": 1, "mode": "standard"},
        ),
    )
    client.meta.events.register("before-send.sesv2", _close_afterwards)
    return client


def _close_afterwards(request: "AWSPreparedRequest", **_: Any) -> None:
    request.headers["Connection"] = "close"
