"""X-Ray behind one name: `with span("send_letter", message_id=…)`.

Off, it costs one call that hands out the same empty object, and the SDK is not even loaded: its
import builds a botocore client. On, the AWS calls inside are recorded too. A span carries ids
only, and of an error only that there was one: messages of errors quote input.
"""

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any

from chalicelib.config import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_OFF: AbstractContextManager[None] = nullcontext()


def span(name: str, **ids: str) -> AbstractContextManager[None]:
    """Trace what runs inside under `name`."""
    return _Span(name, ids) if settings().TRACING else _OFF


def start() -> None:
    """Load the SDK and record AWS calls from now on, when tracing is on. Once per process."""
    if settings().TRACING:
        from aws_xray_sdk.core import patch, xray_recorder

        xray_recorder.configure(context_missing="IGNORE_ERROR")
        patch(("botocore",))


class _Span(AbstractContextManager[None]):
    def __init__(self, name: str, ids: "Mapping[str, str]") -> None:
        self._name = name
        self._ids = ids

    def __enter__(self) -> None:
        recorder = _recorder()
        segment = recorder.begin_subsegment(self._name)
        if segment is not None:  # None outside of a sampled invocation
            for key, value in self._ids.items():
                segment.put_annotation(key, value)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        recorder = _recorder()
        segment = recorder.current_subsegment()
        if segment is None:
            return
        if error is not None:
            segment.add_fault_flag()
            segment.put_annotation("error", type(error).__name__)
        recorder.end_subsegment()


def _recorder() -> Any:
    from aws_xray_sdk.core import xray_recorder

    return xray_recorder
