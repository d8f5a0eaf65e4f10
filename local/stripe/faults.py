"""Faults that a test arms: the next request to an address goes wrong in a chosen way.

before          500, nothing happened, nothing is kept under the idempotency key
after           it happened, the answer is 500, and that 500 is what the key keeps
timeout_before  nothing happened, and the connection is closed without an answer
timeout_after   it happened, and the connection is closed without an answer; the key keeps the truth
throttle        429, nothing happened
slow            it happens and is answered, a second late
"""

import threading
from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["before", "after", "timeout_before", "timeout_after", "throttle", "slow"]

SLOWNESS = 1.0
"""Seconds by which `slow` is late; the idempotency key is busy meanwhile."""


@dataclass(frozen=True)
class _Fault:
    path_prefix: str
    method: str
    mode: Mode


class Faults:
    """Armed faults, each used once, in the order of arming."""

    def __init__(self) -> None:
        self._armed: list[_Fault] = []
        self._lock = threading.Lock()

    def arm(self, path_prefix: str, method: str, mode: Mode, times: int) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"no fault mode {mode!r}: one of {', '.join(get_args(Mode))}")
        with self._lock:
            self._armed += [_Fault(path_prefix, method.upper(), mode)] * times

    def take(self, path: str, method: str) -> Mode | None:
        """The fault this request meets, if any; it is then used up."""
        with self._lock:
            for place, fault in enumerate(self._armed):
                if fault.method == method and path.startswith(fault.path_prefix):
                    del self._armed[place]
                    return fault.mode
        return None

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()
