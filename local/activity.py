"""What this process has set in motion on the embedded cloud, so that "settled" is cheap and true.

Every send to a queue and every object put goes through an SDK client of this process. When nothing
was sent since the last time everything was quiet, it still is, and nobody has to ask the queues.
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
    """Counts sends, and knows which bucket events are still on their way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sends = 0
        self._awaited: dict[tuple[str, str], float] = {}
        self._buckets = {
            bucket["Properties"]["BucketName"]
            for bucket in provision.resources("AWS::S3::Bucket").values()
            if "NotificationConfiguration" in bucket["Properties"]
        }

    def watch(self) -> None:
        """Watch every client that is made from now on."""
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

    def _sent(self, **_: Any) -> None:
        with self._lock:
            self._sends += 1

    def _put(self, params: dict[str, Any], **_: Any) -> None:
        if params.get("Bucket") in self._buckets:
            place = (params["Bucket"], params["Key"])
            with self._lock:
                self._sends += 1
                self._awaited[place] = time.monotonic() + LOST_AFTER_SECONDS
