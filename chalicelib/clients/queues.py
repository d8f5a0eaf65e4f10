"""SQS: intents handed from one function to another. A body carries ids only, never personal data.

Delivery is at least once and in any order; whoever receives must bear the same message twice.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
"""Entries in one SendMessageBatch, at most."""
DELAY_SECONDS_MAXIMUM = 900
TRIES = 4


class NotQueued(Exception):
    """Some messages may not be in the queue; sending all of them again is right and can help."""


def send(queue_name: str, body: Mapping[str, Any], delay_seconds: int = 0) -> None:
    """Put one message; one call. Raises NotQueued."""
    send_batch(queue_name, [body], delay_seconds)


def send_batch(
    queue_name: str, bodies: Iterable[Mapping[str, Any]], delay_seconds: int = 0
) -> None:
    """Put every message, one call per ten. Raises NotQueued when one is refused again and again."""
    if not 0 <= delay_seconds <= DELAY_SECONDS_MAXIMUM:
        raise ValueError(f"SQS delays by 0 to {DELAY_SECONDS_MAXIMUM} seconds, not {delay_seconds}")
    remaining = iter(bodies)
    while chunk := list(islice(remaining, BATCH)):
        _send_all(queue_name, chunk, delay_seconds)


def _send_all(queue_name: str, bodies: Sequence[Mapping[str, Any]], delay_seconds: int) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    entries: list[SendMessageBatchRequestEntryTypeDef] = [
        {
            "Id": str(number),
            "MessageBody": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            "DelaySeconds": delay_seconds,
        }
        for number, body in enumerate(bodies)
    ]
    for attempt in range(TRIES):
        try:
            answer = _client().send_message_batch(QueueUrl=_url(queue_name), Entries=entries)
        except (BotoCoreError, ClientError) as exc:  # the SDK has made its own tries
            raise NotQueued(queue_name) from exc
        refused = {entry["Id"] for entry in answer.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in refused]
        if not entries:
            return
        time.sleep(0.05 * 2**attempt)
    raise NotQueued(queue_name)


@lru_cache(maxsize=1)
def _client() -> "SQSClient":
    import boto3
    from botocore.config import Config

    return boto3.client(
        "sqs",
        config=Config(
            connect_timeout=2,
            read_timeout=5,
            retries={"total_max_attempts": 3, "mode": "standard"},
            max_pool_connections=50,
        ),
    )


@lru_cache(maxsize=32)
def _url(queue_name: str) -> str:
    """The queue's address: asked for once per process."""
    return _client().get_queue_url(QueueName=queue_name)["QueueUrl"]
