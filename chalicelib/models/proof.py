"""Tries to prove an account, counted before they are compared.

Two rings and a budget: over everybody per account (item `proofs` of the account's partition, made
for unknown numbers too), per client (limits table), over all per hour. One transaction counts a try
in all three; one takes it back when it was right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pynamodb.attributes import NumberAttribute

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.limits import AtMost, Budget, Limit, Ring

ITEM: Final = "proofs"
PER_ACCOUNT: Final = Ring("tried", AtMost(5, timedelta(days=30)))
PER_CLIENT: Final = Ring("tried", AtMost(5, timedelta(days=1)))


class ProofTries(AccountItem):
    """Failed proofs of one account, of whoever. Item `proofs`; its slots are `PER_ACCOUNT`'s."""

    ttl = NumberAttribute(null=True)


@dataclass(frozen=True)
class Try:
    """A counted try, as it may be taken back."""

    account_number: str
    client_id: str
    counter: Limit

    def take_back(self) -> None:
        """It was right, so it does not count: one call, three updates."""
        t = Transaction()
        t.update("account", ProofTries(self.account_number, ITEM), PER_ACCOUNT.pop())
        t.update("client", _of_client(self.client_id), PER_CLIENT.pop())
        Budget.give_back_in(t, "everybody", self.counter)
        t.commit()


def count_try(account_number: str, client_id: str, everybody: Budget, at: datetime) -> Try:
    """Count one try: one call, three updates (six write units).

    Raises Refusal naming `account`, `client` or `everybody`, whichever has no room.
    """
    t = Transaction()
    t.update(
        "account",
        ProofTries(account_number, ITEM),
        [*PER_ACCOUNT.push(at), ProofTries.ttl.set(_days_later(at, 31))],
        PER_ACCOUNT.room(at),
    )
    t.update(
        "client",
        _of_client(client_id),
        [*PER_CLIENT.push(at), Limit.ttl.set(_days_later(at, 2))],
        PER_CLIENT.room(at),
    )
    counter = everybody.take_in(t, "everybody", at)
    t.commit()
    return Try(account_number, client_id, counter)


def wait_seconds(refusal: Refusal, at: datetime) -> int:
    """Seconds until everything that refused has room again; at least one."""
    waits: Mapping[str, int] = {
        "account": PER_ACCOUNT.wait_seconds(refusal.item("account"), at),
        "client": PER_CLIENT.wait_seconds(refusal.item("client"), at),
        "everybody": Budget.wait_seconds(at),
    }
    return max(1, *(waits[label] for label in refusal.labels))


def _of_client(client_id: str) -> Limit:
    return Limit(f"proofs#{client_id}")


def _days_later(at: datetime, days: int) -> Any:
    return int((at + timedelta(days=days)).timestamp())
