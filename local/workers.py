"""Lambda's side of SQS and EventBridge: takes messages, calls the Chalice handlers, deletes or leaves.

One thread per subscription in a run; in tests nobody takes anything until `drain`.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Chalice, CloudWatchEventConfig, SQSEventConfig

from local import events, provision, roles
from local.activity import Activity
from local.engines import REGION

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

BUCKET_EVENTS_QUEUE = "lkk-local-bucket-events"
"""Exists only here: target of a rule on the embedded EventBridge, so bucket events need no polling."""
POLL_SECONDS = 1
TAKERS = {provision.environment()["IMPORTS_QUEUE"]: 2}
"""Threads that take a queue's messages where it is not one: while one reads, the other writes."""
RETRY_SECONDS = (0, 1, 2, 4)
"""How long a failed message stays hidden; in AWS it is the queue's visibility timeout."""

log = logging.getLogger("local.workers")
Handler = Callable[[events.Json], Any]


@dataclass(frozen=True)
class Subscription:
    """A queue and what to do with a batch of its messages (given as Lambda's event)."""

    queue_name: str
    batch_size: int
    handle: Handler


class Workers:
    """All subscriptions of the application."""

    def __init__(self, app: Chalice, activity: Activity | None = None) -> None:
        self._app = app
        self._activity = activity
        self._subscriptions = list(self._found())
        self._client: SQSClient = boto3.client(
            "sqs", config=Config(read_timeout=POLL_SECONDS + 10, max_pool_connections=50)
        )
        self._urls: dict[str, str] = {}
        self._stopping = threading.Event()
        self._busy = 0
        self._busy_lock = threading.Lock()

    def prepare(self) -> None:
        """Make the rule that brings bucket events, and look up every queue. Safe to repeat."""
        self._client.create_queue(QueueName=BUCKET_EVENTS_QUEUE)
        bus = boto3.client("events")
        bus.put_rule(Name=BUCKET_EVENTS_QUEUE, EventPattern=json.dumps({"source": ["aws.s3"]}))
        arn = f"arn:aws:sqs:{REGION}:{events.ACCOUNT_ID}:{BUCKET_EVENTS_QUEUE}"
        bus.put_targets(Rule=BUCKET_EVENTS_QUEUE, Targets=[{"Id": "local", "Arn": arn}])
        for subscription in self._subscriptions:
            name = subscription.queue_name
            self._urls[name] = self._client.get_queue_url(QueueName=name)["QueueUrl"]

    def start(self) -> None:
        """Take messages from now on, one thread per queue; of files two parts at a time."""
        for subscription in self._subscriptions:
            for _ in range(TAKERS.get(subscription.queue_name, 1)):
                threading.Thread(
                    target=self._run,
                    args=(subscription,),
                    name=subscription.queue_name,
                    daemon=True,
                ).start()

    def stop(self, timeout_seconds: float = 10) -> None:
        """Take nothing more and wait for the handlers under way."""
        self._stopping.set()
        deadline = time.monotonic() + timeout_seconds
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.02)

    def drain(self, also: Callable[[], int] = lambda: 0) -> None:
        """Deliver everything, here and now, until nothing moves; `also` counts what else is under way.

        A message whose handler raises is tried again at once until its queue gives it up.
        """
        while True:
            # Asked first: what arrives while the queues are looked at is seen at the next look.
            under_way = also()
            moved = sum([self._take(s, wait_seconds=0) for s in self._subscriptions])
            if not moved and not under_way:
                return
            if not moved:
                time.sleep(0.01)

    @property
    def busy(self) -> int:
        """How many handlers run now."""
        return self._busy

    def empty(self, urls: Iterable[str]) -> bool:
        """Whether none of these queues holds, hides or delays a message: one call per queue."""
        return not any(self._waiting(url) for url in urls)

    def _waiting(self, url: str) -> int:
        answer = self._client.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )
        return sum(int(v) for v in answer["Attributes"].values())

    def _found(self) -> "list[Subscription]":
        found = []
        rules: list[CloudWatchEventConfig] = []
        for source in self._app.event_sources:
            if isinstance(source, SQSEventConfig):
                handle = self._handler(source.name)
                found.append(Subscription(str(source.queue), source.batch_size, handle))
            elif isinstance(source, CloudWatchEventConfig):
                rules.append(source)

        def bucket_events(event: events.Json) -> None:
            for record in event["Records"]:
                happened = json.loads(record["body"])
                if self._activity is not None:
                    place = happened["detail"]
                    self._activity.arrived(place["bucket"]["name"], place["object"]["key"])
                for rule in rules:
                    if events.matches(rule.event_pattern, happened):
                        self._handler(rule.name)(happened)

        return [*found, Subscription(BUCKET_EVENTS_QUEUE, 1, bucket_events)]

    def _handler(self, name: str) -> Handler:
        handler = self._app.handler_map[name]

        def call(event: events.Json) -> Any:
            with roles.acting_as(name):
                return handler(event, events.context(name))

        return call

    def _run(self, subscription: Subscription) -> None:
        while not self._stopping.is_set():
            try:
                self._take(subscription, wait_seconds=POLL_SECONDS)
            except (BotoCoreError, ClientError) as exc:
                if not self._stopping.wait(1):
                    log.warning("queue %s cannot be read: %s", subscription.queue_name, exc)

    def _take(self, subscription: Subscription, *, wait_seconds: int) -> int:
        """Receive one batch and handle it; the number of messages received."""
        url = self._urls[subscription.queue_name]
        answer = self._client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(subscription.batch_size, 10),
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[Any] = answer.get("Messages", [])
        if not messages or self._stopping.is_set():
            return 0
        with self._busy_lock:
            self._busy += 1
        try:
            failed = self._handle(subscription, messages)
            for message in messages:
                handle = message["ReceiptHandle"]
                if message["MessageId"] not in failed:
                    self._client.delete_message(QueueUrl=url, ReceiptHandle=handle)
                    continue
                tries = int(message["Attributes"]["ApproximateReceiveCount"])
                hidden = RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1] if wait_seconds else 0
                self._client.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=hidden
                )
        finally:
            with self._busy_lock:
                self._busy -= 1
        return len(messages)

    def _handle(self, subscription: Subscription, messages: list[Any]) -> set[str]:
        """Ids of the messages to leave in the queue."""
        try:
            answer = subscription.handle(events.sqs_event(subscription.queue_name, messages))
        except Exception:  # a raising handler leaves its messages, as in Lambda
            log.exception("a handler of %s raised", subscription.queue_name)
            return {m["MessageId"] for m in messages}
        failures = answer.get("batchItemFailures", []) if isinstance(answer, dict) else []
        return {failure["itemIdentifier"] for failure in failures}
