"""Logs, metrics and traces: one structured line per invocation, no personal data, no cost when off.

Only ids, outcomes and milliseconds are logged; never bodies, phones, addresses, names or tokens.
Metrics go out in CloudWatch's embedded format, as lines of the log.
"""

import time
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.config import settings

NAMESPACE = "LKK"

log = Logger(service="lkk", level=settings().LOG_LEVEL, log_uncaught_exceptions=False)


@dataclass(frozen=True)
class Started:
    """A request under way."""

    at: float


def request_started(operation: str, request_id: str | None) -> Started:
    """Mark the start of a request: its ids stand in every log line until the next one."""
    log.append_keys(operation=operation, request_id=request_id)
    return Started(time.perf_counter())


def request_finished(operation: str, started: Started, status: int, code: str | None) -> None:
    """Write the request's one line."""
    log.info(
        "request",
        extra={
            "operation": operation,
            "status": status,
            "code": code,
            "ms": round((time.perf_counter() - started.at) * 1000, 1),
        },
    )


def count(name: str, value: float = 1, **dimensions: Any) -> None:
    """Emit one metric, e.g. `count("sign_ins", method="otp")`."""
    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE
    ) as metric:
        for key, text in dimensions.items():
            metric.add_dimension(name=key, value=str(text))
