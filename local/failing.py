"""How a command of `make` ends when it cannot do what it was asked for: with one line."""

import os
import signal
from contextlib import suppress

MAKE = "MAKE_PID"
"""Set by the Makefile for the commands that end so."""


def end(text: str) -> int:
    """Say what is wrong and what to do about it; the exit code.

    `make` would add a line of its own, `*** [Makefile:20: run] Error 1`, and has no option against it.
    So the command ends make before itself, by the one signal of which neither make nor a shell
    speaks. Where it is ignored make goes on and says its line; the status is not zero either way.
    """
    print(text, flush=True)  # noqa: T201 - the person's terminal
    if make := os.environ.get(MAKE):
        with suppress(ProcessLookupError):
            os.kill(int(make), signal.SIGPIPE)
    return 1
