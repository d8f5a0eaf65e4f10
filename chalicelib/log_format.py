"""How a log line is written: fields by an allow-list, errors without their messages.

What is not listed is left out, and a value that does not look like an id, a code or a number is
withheld: messages of exceptions quote input, so of an error only types and places are written.
"""

import re
import traceback
from types import TracebackType
from typing import Any, Final, cast

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

OWN_FIELDS: Final = frozenset(
    {
        "attempt",
        "client_id",
        "code",
        "count",
        "days",
        "difference",
        "done",
        "event_id",
        "file",
        "files",
        "found",
        "kind",
        "line",
        "mandate_id",
        "message_id",
        "message_ids",
        "month",
        "movement",
        "ms",
        "object_id",
        "operation",
        "outcome",
        "part",
        "payment_id",
        "queue",
        "reason",
        "request_id",
        "session_id",
        "status",
        "tries",
        "twilio_error",
        "type",
        "waited_ms",
    }
)
"""What a line may say beside its level, place, time and constant message."""
_STANDING: Final = frozenset(
    {
        "exception",
        "exception_name",
        "level",
        "location",
        "message",
        "service",
        "timestamp",
        "xray_trace_id",
    }
)
WITHHELD: Final = "(withheld)"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/#\-]{1,100}")
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LogFormat(LambdaPowertoolsFormatter):
    """JSON lines of known fields."""

    def serialize(self, log: Any) -> str:
        """One line."""
        line = {
            key: value if key in _STANDING else _plain(value)
            for key, value in cast("dict[str, Any]", log).items()
            if key in OWN_FIELDS or key in _STANDING
        }
        return super().serialize(cast("Any", line))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the library's name
        """Types and places of an error and of what caused it, the root first."""
        written: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None and len(written) < 5:
            frames = traceback.extract_tb(error.__traceback__)
            places = " < ".join(f"{_short(f.filename)}:{f.lineno}" for f in reversed(frames))
            written.append(f"{type(error).__name__} at {places}")
            error = error.__cause__ or error.__context__
        return "; then ".join(reversed(written))


def _short(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    text = str(value)
    return text if _PLAIN.fullmatch(text) else WITHHELD
