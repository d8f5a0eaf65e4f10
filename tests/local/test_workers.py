"""Queues and bucket events reach Chalice handlers as in AWS: order of deletion, retries, dead letters."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from chalice.app import Chalice, SQSEvent

from local.activity import Activity
from local.workers import Workers
from local.world import World


@pytest.fixture
def queue(world: World, request: pytest.FixtureRequest) -> str:
    """A fresh queue with a dead-letter queue after three receives."""
    name = f"lkk-try-{abs(hash(request.node.name)) % 10**9}"
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName=f"{name}-dead")
    arn = f"arn:aws:sqs:eu-central-1:000000000000:{name}-dead"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})
    return name


def waiting(name: str) -> int:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def workers_of(
    queue: str, handle: Callable[[SQSEvent], Any], batch_size: int = 1
) -> tuple[Workers, Callable[[str], None]]:
    app = Chalice(app_name="small")
    app.on_sqs_message(queue=queue, batch_size=batch_size)(handle)
    made = Workers(app)
    made.prepare()
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    return made, lambda body: sqs.send_message(QueueUrl=url, MessageBody=body) and None


def test_a_handled_message_is_gone(queue: str) -> None:
    seen: list[str] = []

    def take(event: SQSEvent) -> None:
        seen.extend(record.body for record in event)

    workers, send = workers_of(queue, take)
    send("one")
    workers.drain()

    assert seen == ["one"]
    assert waiting(queue) == 0


def test_a_message_whose_handler_raises_comes_again_and_then_goes_to_the_dead_letters(
    queue: str,
) -> None:
    tries: list[str] = []

    def stumble(event: SQSEvent) -> None:
        tries.append(event.to_dict()["Records"][0]["attributes"]["ApproximateReceiveCount"])
        raise RuntimeError("no")

    workers, send = workers_of(queue, stumble)
    send("one")
    workers.drain()

    assert tries == ["1", "2", "3"]
    assert (waiting(queue), waiting(f"{queue}-dead")) == (0, 1)


def test_of_a_batch_only_the_failed_messages_come_again(queue: str) -> None:
    seen: list[str] = []

    def partly(event: SQSEvent) -> dict[str, Any]:
        records = event.to_dict()["Records"]
        failed = [r for r in records if r["body"] == "bad" and "bad" not in seen]
        seen.extend(r["body"] for r in records)
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in failed]}

    workers, send = workers_of(queue, partly, batch_size=10)
    for body in ("good", "bad", "fine"):
        send(body)
    workers.drain()

    assert sorted(seen) == ["bad", "bad", "fine", "good"]


def test_a_new_object_reaches_the_handlers_whose_pattern_it_fits(world: World) -> None:
    seen: list[str] = []
    app = Chalice(app_name="small")
    pattern = {"detail": {"object": {"key": [{"suffix": ".csv"}]}}}

    @app.on_cw_event(pattern)
    def fits(event: Any) -> None:
        seen.append(event.detail["object"]["key"])

    world.drain()
    activity = Activity()
    activity.watch()
    workers = Workers(app, activity)
    workers.prepare()
    s3 = boto3.client("s3")
    bucket = next(b["Name"] for b in s3.list_buckets()["Buckets"] if "import" in b["Name"])
    for key in ("try/bills.csv", "try/bills.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    workers.drain(also=activity.awaited)

    assert seen == ["try/bills.csv"]
