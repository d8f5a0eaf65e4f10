"""The billing's files seen from outside: what lies in the import bucket, and how far it is taken in."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from local import provision

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RESULT, PROGRESS = ".result.json", ".progress.json"
LOOK_SECONDS = 5
"""How often whoever waits is told how far it is."""
LOST_SECONDS = 15
"""A file that nothing has moved for so long does not go on by itself."""


class NotTakenIn(Exception):
    """A file was not taken in; the message says which and where to look."""


class Imports:
    """The import bucket of the embedded cloud at hand."""

    def __init__(self) -> None:
        self._s3: S3Client = boto3.client("s3")
        self._bucket = provision.environment()["IMPORT_BUCKET"]

    def take_in(
        self,
        file: Path,
        idle: Callable[[float], bool],
        say: Callable[[str], None],
        timeout_seconds: float,
    ) -> dict[str, Any]:
        """Put `file` into the bucket and wait for its result, telling how far it is.

        `idle` waits up to so many seconds and says whether everything has settled. Raises NotTakenIn.
        """
        for name in (RESULT, PROGRESS):
            self._s3.delete_object(Bucket=self._bucket, Key=file.name + name)
        self._s3.upload_file(str(file), self._bucket, file.name)
        told, quiet_since = "", 0.0
        end = time.monotonic() + timeout_seconds
        while time.monotonic() < end:
            settled = idle(LOOK_SECONDS)
            result = self._read(file.name + RESULT)
            if result is not None:
                return result
            if settled:  # a run that did not put the file itself learns of it a moment later
                quiet_since = quiet_since or time.monotonic()
                if time.monotonic() > quiet_since + LOST_SECONDS:
                    break
                time.sleep(0.1)
                continue
            quiet_since = 0.0
            how_far = _how_far(self._read(file.name + PROGRESS))
            if how_far and how_far != told:
                say(f"  {file.name}: {how_far}")
                told = how_far
        raise NotTakenIn(f"{file.name} has no result: see run.log in the data folder")

    def _read(self, key: str) -> dict[str, Any] | None:
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return None
        found: dict[str, Any] = json.loads(body)
        return found


def _how_far(progress: dict[str, Any] | None) -> str:
    if progress is None:
        return ""
    cut = progress["bytes_cut"] / max(progress["bytes"], 1)
    done = progress["parts_done"] / max(progress["parts"], 1) * cut
    return f"{done:.0%}, {progress['rows']} rows"
