"""`make import FILE=…` and `make export`: the billing system's two ways, through the same buckets.

Beside a run they act on it; without one they start what is needed, on the same data folder.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from local import environment, provision
from local.engines import EngineMissing
from local.folder import FolderInUse, data_folder, hold, in_use
from local.run import logging_to
from local.world import RUN_FILE, World, listen_on

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

WAIT_SECONDS = 900
RESULT = ".result.json"


class CannotDo(Exception):
    """What is wrong and what to do about it, in one line."""


@dataclass(frozen=True)
class Place:
    """A run to act on: its address and its buckets."""

    url: str
    s3: "S3Client"

    def settle(self) -> None:
        """Wait until everything is done."""
        asked = {"timeout_seconds": WAIT_SECONDS}
        httpx.post(f"{self.url}/_local/idle", json=asked, timeout=WAIT_SECONDS + 30)


def main(arguments: list[str]) -> int:
    """`import FILE` or `export`; the exit code."""
    try:
        return _export() if arguments == ["export"] else _import(Path(arguments[1]))
    except (CannotDo, EngineMissing, FolderInUse, environment.LiveKey, OSError) as exc:
        _say(f"Cannot {arguments[0]}: {exc}")
        return 1


def _import(file: Path) -> int:
    if not file.is_file():
        raise CannotDo(f"{file} is no file: make import FILE=path/of/bills.csv")
    with _place() as place:
        bucket = provision.environment()["IMPORT_BUCKET"]
        for key in _results(place, bucket, file):
            place.s3.delete_object(Bucket=bucket, Key=key)
        place.s3.upload_file(str(file), bucket, file.name)
        _say(f"{file.name} lies in the import bucket")
        result = _awaited(place, bucket, file)
        _say(json.dumps(result, ensure_ascii=False, indent=2))
        return 0


def _awaited(place: Place, bucket: str, file: Path) -> Any:
    """What the import says about the file, when it has said it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        place.settle()
        for key in _results(place, bucket, file):
            return json.loads(place.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        time.sleep(0.2)
    raise CannotDo(f"no result came in {WAIT_SECONDS} s; see run.log in the data folder")


def _results(place: Place, bucket: str, file: Path) -> list[str]:
    names = {file.name + RESULT, file.stem + RESULT}
    listed = place.s3.list_objects_v2(Bucket=bucket, Prefix=file.stem)
    return [item["Key"] for item in listed.get("Contents", []) if item["Key"] in names]


def _export() -> int:
    with _place() as place:
        ask = f"{place.url}/_local/schedules"
        names = [n for n in httpx.get(ask).json()["items"] if "export" in n]
        for name in names:
            httpx.post(ask, json={"name": name}, timeout=WAIT_SECONDS).raise_for_status()
        place.settle()
        bucket, out = provision.environment()["EXPORT_BUCKET"], data_folder() / "export"
        out.mkdir(exist_ok=True)
        for item in place.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            target = out / item["Key"].rsplit("/", 1)[-1]
            place.s3.download_file(bucket, item["Key"], str(target))
            _say(str(target))
        return 0


@contextmanager
def _place() -> Iterator[Place]:
    import boto3

    folder = data_folder()
    if in_use(folder):
        try:
            run = json.loads((folder / RUN_FILE).read_text())
        except (OSError, ValueError) as exc:
            raise CannotDo("the run is still starting: wait until it is ready") from exc
        os.environ.update({k: v for k, v in run["environment"].items() if k.startswith("AWS_")})
        yield Place(run["url"], boto3.client("s3"))
        return
    with hold(folder), logging_to(folder / "run.log"):
        world = World(folder, listen_on(0), say=_say)
        try:
            world.open()
            world.load()
            world.work()
            yield Place(world.url, boto3.client("s3"))
        finally:
            world.close()


def _say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
