"""Objects whose "created" event is still on its way: the embedded S3 tells of them from a thread.

Without this nobody could say that everything has settled right after a file was put.
"""

import threading
import time
from typing import Any

import boto3

from local import provision

LOST_AFTER_SECONDS = 5
PUTS = ("PutObject", "CompleteMultipartUpload", "CopyObject")


class BucketPuts:
    """Watches what this process puts into the buckets that report to EventBridge."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awaited: dict[tuple[str, str], float] = {}
        self._buckets = {
            bucket["Properties"]["BucketName"]
            for bucket in provision.resources("AWS::S3::Bucket").values()
            if "NotificationConfiguration" in bucket["Properties"]
        }

    def watch(self) -> None:
        """Watch every S3 client that is made from now on."""
        boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is not None
        for operation in PUTS:
            boto3.DEFAULT_SESSION.events.register(
                f"provide-client-params.s3.{operation}", self._put
            )

    def arrived(self, bucket: str, key: str) -> None:
        """The event of an object is here."""
        with self._lock:
            self._awaited.pop((bucket, key), None)

    def awaited(self) -> int:
        """How many events are on their way; one that does not come is given up after five seconds."""
        now = time.monotonic()
        with self._lock:
            self._awaited = {k: until for k, until in self._awaited.items() if until > now}
            return len(self._awaited)

    def _put(self, params: dict[str, Any], **_: Any) -> None:
        if params.get("Bucket") in self._buckets:
            place = (params["Bucket"], params["Key"])
            with self._lock:
                self._awaited[place] = time.monotonic() + LOST_AFTER_SECONDS
