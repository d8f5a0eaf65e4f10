"""Event patterns as EventBridge matches them."""

import json
from typing import Any

import pytest

from local import rules
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


def test_a_rule_of_infra_makes_its_message_of_an_event() -> None:
    rule = {
        "EventPattern": {"source": ["aws.s3"]},
        "Targets": [
            {
                "Arn": {"Fn::GetAtt": ["SomeQueue", "Arn"]},
                "InputTransformer": {
                    "InputPathsMap": {"key": "$.detail.object.key", "size": "$.detail.object.size"},
                    "InputTemplate": '{"key": "<key>", "size": <size>, "again": <key>}',
                },
            }
        ],
    }
    made: dict[str, dict[str, Any]] = {
        "AWS::SQS::Queue": {"SomeQueue": {"Properties": {"QueueName": "some"}}},
        "AWS::Events::Rule": {"SomeRule": {"Properties": rule}},
    }

    ((queue_name, body),) = rules.routed(EVENT, made.__getitem__)

    assert queue_name == "some"
    assert json.loads(body) == {"key": "2026/bills.csv", "size": 5, "again": "2026/bills.csv"}
