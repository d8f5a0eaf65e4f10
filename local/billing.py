"""`make import FILE=…` and `make export`: the billing system's two ways, through the same buckets.

Beside a run they act on it; without one they start what is needed, on the same data folder.
"""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from local import engines, environment, failing, provision
from local.engines import EngineMissing
from local.files import Imports, NotTakenIn
from local.folder import FolderInUse, data_folder, hold, in_use
from local.ports import listen_on
from local.run import STOPPING, interrupt, logging_to
from local.world import RUN_FILE, World

WAIT_SECONDS = 4 * 3600
"""A file of the largest size may take hours on a small machine; Ctrl-C ends the waiting."""


class CannotDo(Exception):
    """What is wrong and what to do about it, in one line."""


def main(arguments: list[str]) -> int:
    """`import FILE` or `export`; the exit code."""
    for number in STOPPING:
        signal.signal(number, interrupt)
    try:
        return _export() if arguments == ["export"] else _import(Path(arguments[1]))
    except (CannotDo, EngineMissing, FolderInUse, NotTakenIn, environment.LiveKey) as exc:
        return failing.end(f"Cannot {arguments[0]}: {exc}")
    except (OSError, httpx.HTTPError) as exc:
        return failing.end(f"Cannot {arguments[0]}: {type(exc).__name__}: {exc}")
    except KeyboardInterrupt:
        _say("Stopped. A file that lies in the bucket goes on with the run, or with the next one.")
        return 130


def _import(file: Path) -> int:
    if not file.is_file():
        raise CannotDo(f"{file} is no file: make import FILE=path/of/bills.csv")
    with _place() as url:
        _say(f"{file.name} goes into the import bucket")

        def idle(seconds: float) -> bool:
            asked = {"timeout_seconds": seconds}
            answer = httpx.post(f"{url}/_local/idle", json=asked, timeout=seconds + 60)
            return bool(answer.raise_for_status().json()["idle"])

        result = Imports().take_in(file, idle, _say, WAIT_SECONDS)
        _say(json.dumps(result, ensure_ascii=False, indent=2))
        return 0


def _export() -> int:
    import boto3

    with _place() as url:
        answer = httpx.post(f"{url}/_local/export", timeout=WAIT_SECONDS).raise_for_status()
        s3, bucket = boto3.client("s3"), provision.environment()["EXPORT_BUCKET"]
        out = data_folder() / "export"
        out.mkdir(exist_ok=True)
        written = set(answer.json()["files"])
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                target = out / item["Key"].rsplit("/", 1)[-1]
                if item["Key"] in written or not target.exists():
                    s3.download_file(bucket, item["Key"], str(target))
                    _say(str(target))
        return 0


@contextmanager
def _place() -> Iterator[str]:
    """The address of a run on the data folder: one that stands, or one of our own."""
    folder = data_folder()
    if in_use(folder):
        try:
            run = json.loads((folder / RUN_FILE).read_text())
        except (OSError, ValueError) as exc:
            raise CannotDo("the run is still starting: wait until it is ready") from exc
        environment.apply(run["environment"])
        yield run["url"]
        return
    with (
        hold(folder),
        logging_to(folder / "run.log"),
        engines.begin(folder / "engines") as cloud,
    ):
        world = World(folder, listen_on(0), cloud, say=_say)
        try:
            world.open(load=True)
            world.work()
            yield world.url
        finally:
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            world.close()


def _say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
