"""At most N per time, decided by DynamoDB itself: exact under any concurrency, one write each.

`Ring` is a sliding window kept in any item as slots of milliseconds, newest first (`<prefix>0`,
`<prefix>1`, …): the condition looks at the N-th newest, the update shifts all by one. It goes into
a `Transaction.update` beside other changes, or alone through `Ring.take`.

`Budget` is a counter per clock hour in the limits table, for limits too large for slots.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.config import settings
from chalicelib.models.base import Item, TableMeta, Transaction
from chalicelib.models.conditional import update_alone

NEVER: Final = 0
"""What stands in a slot that has not been used."""
USES_PER_SHARD: Final = 500
SHARDS_MAXIMUM: Final = 16


@dataclass(frozen=True)
class AtMost:
    """`count` uses within any stretch of `within`."""

    count: int
    within: timedelta


class Ring:
    """One or several sliding limits over the same uses, in the slots `<prefix>0`… of an item."""

    def __init__(self, prefix: str, *limits: AtMost) -> None:
        self.limits: Final = limits
        self._names: Final = [f"{prefix}{n}" for n in range(max(limit.count for limit in limits))]

    def room(self, at: datetime) -> Condition:
        """Holds while one more use at `at` keeps every limit; also for an item that is not there."""
        holds: Condition | None = None
        for limit in self.limits:
            slot = self._names[limit.count - 1]
            free = Path(slot).does_not_exist() | (Path(slot) <= _ms(at - limit.within))
            holds = free if holds is None else holds & free
        assert holds is not None
        return holds

    def push(self, at: datetime) -> list[Action]:
        """Count one use: every slot takes its newer neighbour's value (read before the update)."""
        shifted = [
            Path(older).set(Path(newer) | NEVER)
            for newer, older in zip(self._names, self._names[1:], strict=False)
        ]
        return [Path(self._names[0]).set(_ms(at)), *shifted]

    def pop(self) -> list[Action]:
        """Take the newest use back, e.g. a try that turned out right."""
        shifted = [
            Path(newer).set(Path(older) | NEVER)
            for newer, older in zip(self._names, self._names[1:], strict=False)
        ]
        return [*shifted, Path(self._names[-1]).set(NEVER)]

    def clear(self) -> list[Action]:
        """Forget every use."""
        return [Path(name).remove() for name in self._names]

    def wait_seconds(self, item: dict[str, Any] | None, at: datetime) -> int:
        """Seconds after which a raw `item` has room again, rounded up; 0 when it has room now."""
        waits = [0.0]
        for limit in self.limits:
            used_ms = int((item or {}).get(self._names[limit.count - 1], {}).get("N", NEVER))
            waits.append((used_ms - _ms(at - limit.within)) / 1000)
        return math.ceil(max(waits))

    def take(self, model: Model, at: datetime, *also: Action) -> dict[str, Any]:
        """One use, alone: one call. The raw item after it; raises Refusal with label `ring`."""
        return update_alone("ring", model, [*self.push(at), *also], self.room(at))


class Limit(Item):
    """A counter of one budget's hour, or a ring of its own. Key `limit`."""

    class Meta(TableMeta):
        table_name = settings().LIMITS_TABLE

    limit = UnicodeAttribute(hash_key=True)
    used = NumberAttribute(null=True)
    ttl = NumberAttribute(null=True)


@dataclass(frozen=True)
class Budget:
    """At most `per_hour` uses of `name` in a clock hour (UTC).

    A large budget lies in up to 16 shards, so that its item is not where all requests meet; a use
    takes a random one, so the last few per cent may be refused early, never granted late.
    """

    name: str
    per_hour: int

    @property
    def _shards(self) -> int:
        return max(1, min(SHARDS_MAXIMUM, self.per_hour // USES_PER_SHARD))

    def counter(self, at: datetime) -> str:
        """The key of a counter that may take a use at `at`, for who looks at it before taking."""
        shard = random.randrange(self._shards)  # noqa: S311 - spreads load, keeps no secret
        return f"{self.name}#{at:%Y-%m-%dT%H}#{shard}"

    def has_room(self, counter: Limit | None) -> bool:
        """Whether a counter, as it was read (None: not there), takes one more use."""
        return counter is None or int(counter.used or 0) < self.per_hour // self._shards

    def take_in(
        self, t: Transaction, label: str, at: datetime, counter: str | None = None
    ) -> Limit:
        """Add one use to a transaction; a full budget refuses the whole under `label`.

        `counter`: the one that was looked at, else any. Returns it, for `give_back_in`.
        """
        item = Limit(counter or self.counter(at))
        t.update(
            label,
            item,
            [Limit.used.add(1), Limit.ttl.set(int((at + timedelta(hours=2)).timestamp()))],
            Limit.used.does_not_exist() | (Limit.used < self.per_hour // self._shards),
        )
        return item

    @staticmethod
    def give_back_in(t: Transaction, label: str, item: Limit) -> None:
        """Take one use back in a transaction, from the counter that took it."""
        t.update(label, item, [Limit.used.add(-1)])

    @staticmethod
    def wait_seconds(at: datetime) -> int:
        """Seconds until the next clock hour."""
        return 3600 - (at.minute * 60 + at.second)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
