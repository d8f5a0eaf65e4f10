"""`make bench-import`: a large payments file goes in while memory stays flat.

The engines run beside this process, so what grows here is the import itself. Fails when a file of
`ROWS` rows (a million) needs more than `MEGABYTES` over one of forty thousand.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from local import engines
from local.ports import listen_on
from local.world import World

ROWS = int(os.environ.get("ROWS", "1000000"))
MEGABYTES = 64
ACCOUNTS = max(1_000, ROWS // 50)
"""About two years of payments each."""
WARM = 40_000
"""Rows that fill whole parts, so that what grows afterwards grows with the file."""


def main() -> int:
    """Run it; the exit code."""
    with engines.begin(None) as cloud:
        world = World(None, listen_on(0), cloud)
        world.open(load=True)
        try:
            world.drain()
            _take_in(world, "accounts-bench.csv", _accounts)
            _take_in(world, "payments-warm.csv", lambda file: _payments(file, WARM, 0))
            before = _peak()
            began = time.monotonic()
            _take_in(world, "payments-bench.csv", lambda file: _payments(file, ROWS, 1))
            seconds, grown = time.monotonic() - began, _peak() - before
        finally:
            world.close()
    _say(f"{ROWS} rows in {seconds:.0f} s, {ROWS / seconds:.0f}/s; memory grew by {grown} MB")
    return int(grown > MEGABYTES)


def _take_in(world: World, name: str, write: Callable[[IO[str]], None]) -> None:
    import boto3

    from chalicelib.config import settings

    s3, bucket = boto3.client("s3"), settings().IMPORT_BUCKET
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("w", encoding="utf-8") as file:
            write(file)
        s3.upload_file(str(path), bucket, name)
    world.drain()
    result = json.loads(s3.get_object(Bucket=bucket, Key=f"{name}.result.json")["Body"].read())
    assert not result["refused"], result["refusals"][:3]


def _accounts(file: IO[str]) -> None:
    file.write("account_number;owner_name\n")
    file.writelines(f"{90_000_000 + n};Пробный Абонент\n" for n in range(ACCOUNTS))


def _payments(file: IO[str], rows: int, run: int) -> None:
    file.write("account_number;id;amount;paid_at;period\n")
    for n in range(rows):
        account = 90_000_000 + n * ACCOUNTS // rows
        file.write(f"{account};b-{run}-{n};{100 + n};2026-11-0{1 + n % 9}T10:00:00Z;2026-11\n")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
