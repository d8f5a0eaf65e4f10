"""Event patterns as EventBridge matches them."""

from typing import Any

import pytest

from local.events import matches

EVENT = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "in"}, "object": {"key": "2026/bills.csv", "size": 5}},
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.s3"]}, True),
        ({"source": ["aws.ses", "aws.s3"], "detail-type": ["Object Created"]}, True),
        ({"source": ["aws.ses"]}, False),
        ({"detail": {"bucket": {"name": ["in"]}}}, True),
        ({"detail": {"bucket": {"name": ["out"]}}}, False),
        ({"detail": {"object": {"key": [{"suffix": ".csv"}]}}}, True),
        ({"detail": {"object": {"key": [{"prefix": "2025/"}]}}}, False),
        ({"detail": {"object": {"key": [{"anything-but": {"suffix": ".result.json"}}]}}}, True),
        ({"detail": {"object": {"key": [{"anything-but": ["2026/bills.csv"]}]}}}, False),
        ({"detail": {"reason": [{"exists": False}]}}, True),
        ({"detail": {"reason": {"why": ["x"]}}}, False),
    ],
)
def test_a_pattern_chooses_as_eventbridge_does(pattern: dict[str, Any], *, expected: bool) -> None:
    assert matches(pattern, EVENT) is expected
