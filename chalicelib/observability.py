"""Logs and metrics: one structured line per invocation, without personal data.

Only ids, outcomes and milliseconds are logged; never bodies, phones, addresses, names or tokens
(`log_format.py` holds that). Metrics go out in CloudWatch's embedded format, as lines of the log.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib import clock, tracing
from chalicelib.config import settings
from chalicelib.log_format import LogFormat

NAMESPACE = "LKK"

log = Logger(
    service="lkk",
    level=settings().LOG_LEVEL,
    log_uncaught_exceptions=False,
    logger_formatter=LogFormat(utc=True, use_rfc3339=True),
)

tracing.start()


class QueueRecord(Protocol):
    """A message of a queue as Chalice hands it over."""

    def to_dict(self) -> dict[str, Any]:
        """The record as Lambda got it."""


class InvocationFailed(Exception):
    """A worker or a schedule failed; the log's line before says where. Quotes nothing."""


@dataclass(frozen=True)
class Started:
    """A request under way."""

    at: float


def request_started(operation: str, request_id: str | None) -> Started:
    """Mark the start of a request: its ids stand in every log line until the next one."""
    log.thread_safe_clear_keys()
    log.thread_safe_append_keys(operation=operation, request_id=request_id)
    return Started(time.perf_counter())


def request_finished(operation: str, started: Started, status: int, code: str | None) -> None:
    """Write the request's one line."""
    log.info(
        "request",
        extra={
            "operation": operation,
            "status": status,
            "code": code,
            "ms": _since(started.at),
        },
    )


@contextmanager
def invocation(
    operation: str, record: QueueRecord | None = None, **ids: str
) -> Iterator[dict[str, Any]]:
    """One run of a worker or a schedule: its one log line, its span, how long its message waited.

    What is put into the yielded dict (`outcome`, counts, ids) stands in the line. An error is
    logged without its message and raised on as `InvocationFailed`, which is the retry.
    """
    log.thread_safe_clear_keys()
    log.thread_safe_append_keys(operation=operation, **ids)
    line: dict[str, Any] = {"outcome": "done"}
    if record is not None:
        line |= _waited(operation, record)
    started = time.perf_counter()
    try:
        with tracing.span(operation, **ids):
            yield line
    except Exception as exc:
        log.exception("invocation", extra={**line, "outcome": "failed", "ms": _since(started)})
        count("invocations_failed", operation=operation)
        # Lambda writes the outer error alone, so what the inner one quotes stays out of the log.
        raise InvocationFailed(operation) from exc
    log.info("invocation", extra={**line, "ms": _since(started)})


def count(name: str, value: float = 1, **dimensions: Any) -> None:
    """Emit one metric, e.g. `count("sign_ins", method="otp")`. Dimensions: words of a fixed set."""
    _emit(name, MetricUnit.Count, value, dimensions)


def milliseconds(name: str, value: float, **dimensions: Any) -> None:
    """Emit one duration."""
    _emit(name, MetricUnit.Milliseconds, value, dimensions)


def _emit(name: str, unit: MetricUnit, value: float, dimensions: Mapping[str, Any]) -> None:
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        for key, text in dimensions.items():
            metric.add_dimension(name=key, value=str(text) or "none")


def _waited(operation: str, record: QueueRecord) -> dict[str, Any]:
    attributes = record.to_dict().get("attributes", {})
    sent = attributes.get("SentTimestamp")
    if sent is None:
        return {}
    waited = max(0, int(clock.now().timestamp() * 1000) - int(sent))
    milliseconds("queue_age", waited, operation=operation)
    return {"waited_ms": waited, "tries": int(attributes.get("ApproximateReceiveCount", 1))}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
