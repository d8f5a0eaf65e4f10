"""Events of AWS as the Lambda handlers get them, and the patterns that choose among them."""

import uuid
from datetime import datetime
from typing import Any

from chalice.local import LambdaContext

from local.engines import REGION

ACCOUNT_ID = "000000000000"
Json = dict[str, Any]


def context(function_name: str) -> LambdaContext:
    """What Lambda passes beside the event."""
    return LambdaContext(function_name, 256, 900_000)


def sqs_event(queue_name: str, messages: list[Json]) -> Json:
    """Received messages as the event source mapping passes them on.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue_name}",
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def schedule_event(name: str, at: datetime) -> Json:
    """What an EventBridge rule with a schedule passes on."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{name}"],
        "detail": {},
    }


def matches(pattern: Json, event: Json) -> bool:
    """Whether EventBridge would pass `event` to a rule with `pattern`.

    Exact values, prefix, suffix, exists and anything-but, as in
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    for key, asked in pattern.items():
        given = event.get(key)
        if isinstance(asked, dict):
            if not isinstance(given, dict) or not matches(asked, given):
                return False
        else:
            values = given if isinstance(given, list) else [given]
            if not any(_allows(choice, value) for choice in asked for value in values):
                return False
    return True


def _allows(choice: Any, value: Any) -> bool:
    if not isinstance(choice, dict):
        return bool(choice == value)
    ((operator, operand),) = choice.items()
    if operator == "exists":
        return (value is not None) is operand
    if operator == "anything-but":
        refused = operand if isinstance(operand, list) else [operand]
        return not any(_allows(one, value) for one in refused)
    if operator == "prefix":
        return isinstance(value, str) and value.startswith(operand)
    if operator == "suffix":
        return isinstance(value, str) and value.endswith(operand)
    raise ValueError(f"event pattern with {operator!r} is not understood here")
