"""Password tries of one person since the last right one. Logins table, key `password#<person>`.

Counted before comparing, by one conditional update; a second one only when an old series ended.
"""

from datetime import datetime, timedelta
from typing import Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.models.base import Item, Refusal
from chalicelib.models.conditional import update_alone
from chalicelib.models.login import LoginsTableMeta

RACES: Final = 6


class Locked(Exception):
    """No more tries for `wait_seconds`."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds)
        self.wait_seconds = wait_seconds


class PasswordTries(Item):
    """One person's tries; the person is a client, or the hash of a login that is nobody's."""

    class Meta(LoginsTableMeta):
        pass

    login = UnicodeAttribute(hash_key=True)
    tries = NumberAttribute(default=0)
    last_at = NumberAttribute(null=True)
    """Epoch milliseconds of the last try; a series ends when none follows for the lock's time."""
    ttl = NumberAttribute(null=True)

    @classmethod
    def of(cls, person: str) -> "PasswordTries":
        """The item of a person, not read."""
        return cls(f"password#{person}")

    def count_try(self, at: datetime, most: int, lock: timedelta) -> None:
        """Count a try: one write. Raises Locked after `most` tries, until `lock` after the last."""
        now, fresh = _ms(at), _ms(at - lock)
        stamps = [
            PasswordTries.last_at.set(now),
            PasswordTries.ttl.set(int((at + 2 * lock).timestamp())),
        ]
        goes_on = PasswordTries.last_at > fresh
        for _ in range(RACES):
            try:
                update_alone(
                    "tries",
                    self,
                    [PasswordTries.tries.add(1), *stamps],
                    PasswordTries.login.does_not_exist() | (goes_on & (PasswordTries.tries < most)),
                )
            except Refusal as refusal:
                standing = refusal.item("tries")
            else:
                return
            if standing is not None and int(standing["last_at"]["N"]) > fresh:
                raise Locked(-(-(int(standing["last_at"]["N"]) - fresh) // 1000))
            try:
                update_alone(
                    "tries",
                    self,
                    [PasswordTries.tries.set(1), *stamps],
                    PasswordTries.last_at <= fresh,
                )
            except Refusal:
                continue  # somebody else began the new series, or the item went away
            return
        raise Locked(1)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
