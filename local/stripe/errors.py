"""What Stripe refuses, in the words and numbers of its API.

One exception, `Refused`, carries everything an error answer shows
(https://docs.stripe.com/api/errors). `CardRefused` is the one kind whose effects stand: a declined
payment leaves a failed charge, a changed intent and events behind, so its transaction commits.
"""

from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """A request that Stripe would not do.

    `executed` tells whether the request got past the check of its parameters: only such answers are
    stored under the idempotency key (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.executed = executed
        self.details = details

    def body(self) -> Json:
        """The error answer: `{"error": {...}}`, with only the fields that have a value."""
        fields = {
            "code": self.code,
            "doc_url": self.code and f"https://stripe.com/docs/error-codes/{self.code}",
            "message": self.message,
            "param": self.param,
            "type": self.kind,
            **self.details,
        }
        return {"error": {name: value for name, value in fields.items() if value is not None}}


class CardRefused(Refused):
    """The bank, or a check of the card, said no: HTTP 402 and type `card_error`."""

    def __init__(
        self, message: str, code: str, decline_code: str | None = None, **details: Any
    ) -> None:
        super().__init__(
            message,
            status=402,
            kind="card_error",
            code=code,
            decline_code=decline_code,
            **details,
        )


def malformed(message: str, code: str | None, param: str | None) -> Refused:
    """A parameter that fails validation, so nothing was executed."""
    return Refused(message, code=code, param=param, executed=False)
