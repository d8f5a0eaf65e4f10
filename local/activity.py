"""What this process has set in motion on the embedded cloud, so that "settled" is cheap and true.

Every send to a queue and every object put goes through an SDK client of this process. Queues to which
nothing was sent since they were last seen empty are still empty, and nobody has to ask them.
"""

import threading
import time
from typing import Any

import boto3

from local import provision

LOST_AFTER_SECONDS = 5
SENDS = ("SendMessage", "SendMessageBatch")
PUTS = ("PutObject", "CompleteMultipartUpload", "CopyObject")


class Activity:
    """Knows which queues may hold messages, and which bucket events are still on their way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sends = 0
        self._touched: set[str] = set()
        self._awaited: dict[tuple[str, str], float] = {}
        self._buckets = {
            bucket["Properties"]["BucketName"]
            for bucket in provision.resources("AWS::S3::Bucket").values()
            if "NotificationConfiguration" in bucket["Properties"]
        }

    def watch(self) -> None:
        """Watch every client that is made from now on."""
        if boto3.DEFAULT_SESSION is None:  # a second one would forget who else watches the first
            boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is not None
        hooks = boto3.DEFAULT_SESSION.events
        for operation in SENDS:
            hooks.register(f"provide-client-params.sqs.{operation}", self._sent)
        for operation in PUTS:
            hooks.register(f"provide-client-params.s3.{operation}", self._put)

    @property
    def sends(self) -> int:
        """How many sends and puts there have been; the same number again means none since."""
        return self._sends

    def touched(self) -> frozenset[str]:
        """Addresses of queues that were sent to since they were known to be empty."""
        with self._lock:
            return frozenset(self._touched)

    def found_empty(self, sends: int) -> None:
        """All touched queues were empty, and that is still so if nothing was sent after `sends`."""
        with self._lock:
            if sends == self._sends:
                self._touched.clear()

    def arrived(self, bucket: str, key: str) -> None:
        """The event of an object is here."""
        with self._lock:
            self._awaited.pop((bucket, key), None)

    def awaited(self) -> int:
        """How many bucket events are on their way: the embedded S3 tells of objects from a thread.

        One that does not come is given up after five seconds.
        """
        now = time.monotonic()
        with self._lock:
            self._awaited = {k: until for k, until in self._awaited.items() if until > now}
            return len(self._awaited)

    def _sent(self, params: dict[str, Any], **_: Any) -> None:
        with self._lock:
            self._sends += 1
            self._touched.add(params["QueueUrl"])

    def _put(self, params: dict[str, Any], **_: Any) -> None:
        if params.get("Bucket") in self._buckets:
            place = (params["Bucket"], params["Key"])
            with self._lock:
                self._sends += 1
                self._awaited[place] = time.monotonic() + LOST_AFTER_SECONDS
