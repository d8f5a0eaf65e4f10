"""`make run`: everything on this machine until Ctrl-C, with a word on what it is doing.

Settings: `PORT` (8000) and `LKK_DATA_DIR` (`.data`), the folder of all local state.
"""

import logging
import os
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TextIO

from local import engines, environment, failing
from local.engines import EngineMissing
from local.folder import FolderInUse, data_folder, hold
from local.ports import listen_on

if TYPE_CHECKING:
    from local.world import World

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
log = logging.getLogger("local.run")


class CannotRun(Exception):
    """What is wrong and what to do about it, in one line."""


def main() -> int:
    """Run until told to stop; the exit code."""
    began = time.monotonic()
    for number in STOPPING:
        signal.signal(number, interrupt)
    terminal = sys.stdout
    try:
        _run(terminal, began)
    except (CannotRun, EngineMissing, FolderInUse, environment.LiveKey) as exc:
        return failing.end(f"Cannot run: {exc}")
    except KeyboardInterrupt:
        return 0
    return 0


def _run(terminal: TextIO, began: float) -> None:
    port, folder = _port(), data_folder()
    real = environment.outside()
    listening = _listening(port)
    with hold(folder), logging_to(folder / "run.log") as log_file:

        def say(text: str) -> None:
            print(f"[{time.monotonic() - began:5.1f} s] {text}", file=terminal, flush=True)

        try:
            say("Starting the embedded cloud")
            with engines.begin(folder / "engines") as cloud:
                # Loaded here, since it takes as long as the engines need to come up.
                from local.world import World

                world = World(folder, listening, cloud, real=real, say=say)
                try:
                    world.open(load=True)
                    world.work()
                    _welcome(world, terminal, time.monotonic() - began)
                    threading.Event().wait()
                except KeyboardInterrupt:
                    pass
                finally:
                    for number in STOPPING:
                        signal.signal(number, signal.SIG_IGN)
                    say("Stopping")
                    world.close()
            say("Stopped; the next start finds everything again")
        except (EngineMissing, KeyboardInterrupt):
            raise
        except (OSError, sqlite3.Error) as exc:
            log.exception("the run ended")
            raise CannotRun(f"{exc} (is {folder} writable? details in {log_file})") from exc
        except Exception as exc:
            log.exception("the run ended")
            raise CannotRun(f"{type(exc).__name__}: {exc} (details in {log_file})") from exc


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """What a signal to stop does: raises KeyboardInterrupt in the main thread."""
    del number, frame
    raise KeyboardInterrupt


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 <= int(text) <= 65_535:
        raise CannotRun(f"PORT={text} is no port: give a number from 1024 to 65535")
    return int(text)


def _listening(port: int) -> socket.socket:
    try:
        return listen_on(port)
    except PermissionError as exc:
        raise CannotRun(f"port {port} needs rights: try `make run PORT=8000`") from exc
    except OSError as exc:
        free = f"`make run PORT={port + 1}`"
        raise CannotRun(f"port {port} is taken: stop what uses it, or {free}") from exc


@contextmanager
def logging_to(path: Path) -> Iterator[Path]:
    """What the application and the engines' libraries print goes to a file; the last one is kept."""
    if path.exists():
        path.replace(path.with_suffix(".previous.log"))
    with path.open("w", buffering=1, encoding="utf-8") as file:
        before = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = file
        logging.basicConfig(
            stream=file, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s"
        )
        try:
            yield path
        finally:
            sys.stdout, sys.stderr = before


def _welcome(world: "World", terminal: TextIO, seconds: float) -> None:
    demo = world.demo()
    lines = [
        "",
        f"The cabinet runs at {world.url} (ready in {seconds:.1f} s)",
        f"  The cabinet   {world.url}/",
        f"  API docs      {world.url}/v1/docs",
        f"  Dev inbox     {world.url}/_local/  every SMS and e-mail that was sent",
        f"  Payment page  {world.payment_page}",
    ]
    for client in demo["clients"][:1]:
        accounts = ", ".join(client["accounts"])
        lines.append(f"  Demo phone    {client['phone']} holds {accounts}; more: /_local/demo")
    lines += ["  Ctrl-C stops all of it.", ""]
    print("\n".join(lines), file=terminal, flush=True)


if __name__ == "__main__":
    sys.exit(main())
