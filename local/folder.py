"""The folder of all local state: found, held by one run at a time, and emptied by `make reset`.

| in it          | what                                                    | survives a kill |
|----------------|---------------------------------------------------------|-----------------|
| `engines/`     | the tables' SQLite file, the buckets' objects, logs     | yes             |
| `inbox.db`     | every SMS and letter                                    | yes             |
| `stripe.db`    | the payment provider's stand-in                         | yes             |
| `clock.json`   | how far the clock was moved                             | yes             |
| `demo/`        | the demo centre's files                                 | yes             |
| `run.json`     | where the present run is reached                        | made again      |
| `run.log`      | what the application wrote                              | made again      |
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import failing
from local.engines import ROOT

MARK = "lock"


class FolderInUse(Exception):
    """Another run holds the folder, or it is not ours; the message says what to do."""


def data_folder() -> Path:
    """`LKK_DATA_DIR`, or `.data` beside the code."""
    given = os.environ.get("LKK_DATA_DIR")
    return Path(given).expanduser().resolve() if given else ROOT / ".data"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep the folder to this process; the system lets go of it when the process ends in any way.

    Raises FolderInUse.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / MARK).open("w")
    except OSError as exc:
        raise FolderInUse(f"{folder} cannot be used ({exc}): set LKK_DATA_DIR to another") from exc
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise FolderInUse(f"another run uses {folder}: stop it or set LKK_DATA_DIR") from exc
        yield


def in_use(folder: Path) -> bool:
    """Whether a run holds the folder now."""
    try:
        with hold(folder):
            return False
    except FolderInUse:
        return True


def reset(folder: Path) -> None:
    """Empty the folder. Raises FolderInUse while a run holds it, or when it is not one of ours."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / MARK).exists():
        raise FolderInUse(f"{folder} holds other things: empty it yourself if you mean it")
    with hold(folder):
        for child in folder.iterdir():
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            elif child.name != MARK:
                child.unlink()


def main() -> int:
    """`make reset`."""
    folder = data_folder()
    try:
        reset(folder)
    except FolderInUse as exc:
        return failing.end(f"Cannot reset: {exc}")
    print(f"{folder} is empty; the next `make run` begins anew")  # noqa: T201 - the person's terminal
    return 0


if __name__ == "__main__":
    sys.exit(main())
