"""A payment's states and the one table of its moves.

Money moves in movements: the capture, refunds, disputes and their undoing. A payment keeps the set
of movements that are booked, and its status follows from them, so events that come twice, late or
out of order end in the same state: a movement is booked once, whoever tells of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.shapes.payment_words import Status

__all__ = [
    "FINAL",
    "MOVES",
    "SETTLED",
    "TO_THE_ACCOUNT",
    "Ending",
    "Kind",
    "Movement",
    "NotAllowed",
    "Status",
    "after_ending",
    "after_movement",
    "ordered",
]


class Kind(StrEnum):
    """What moved money; also the kind of a ledger entry."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    """The bank could not deliver a refund; the money is ours again."""
    DISPUTE = "dispute"
    """The bank withdrew disputed money."""
    DISPUTE_REVERSAL = "dispute_reversal"
    """The bank gave it back: the dispute was won."""


TO_THE_ACCOUNT: Final = frozenset({Kind.PAYMENT, Kind.REFUND_REVERSAL, Kind.DISPUTE_REVERSAL})
"""Kinds that pay the resident's account; the others take back."""

FINAL: Final = frozenset(set(Status) - {Status.CREATED, Status.PENDING})
"""States in which the provider owes no outcome any more."""


class Ending(StrEnum):
    """How a payment ends without money, as the provider tells it."""

    DECLINED = "declined"
    """Refused, and nobody can try again on it."""
    EXPIRED = "expired"
    """The page expired or the intent was cancelled."""


SETTLED: Final = frozenset({Status.PAID, Status.PARTLY_REFUNDED, Status.REFUNDED, Status.DISPUTED})
"""States in which money came."""

MOVES: Final[dict[tuple[Status, Kind | Ending], frozenset[Status]]] = {
    # Money came. From FAILED or CANCELLED: a late truth; captured money is never lost, whatever was
    # believed before.
    (Status.CREATED, Kind.PAYMENT): frozenset({Status.PAID}),
    (Status.PENDING, Kind.PAYMENT): frozenset({Status.PAID}),
    (Status.FAILED, Kind.PAYMENT): frozenset({Status.PAID}),
    (Status.CANCELLED, Kind.PAYMENT): frozenset({Status.PAID}),
    # No money came and none can.
    (Status.CREATED, Ending.DECLINED): frozenset({Status.FAILED}),
    (Status.PENDING, Ending.DECLINED): frozenset({Status.FAILED}),
    (Status.CREATED, Ending.EXPIRED): frozenset({Status.CANCELLED}),
    (Status.PENDING, Ending.EXPIRED): frozenset({Status.CANCELLED}),
    # Money went back.
    (Status.PAID, Kind.REFUND): frozenset({Status.PARTLY_REFUNDED, Status.REFUNDED}),
    (Status.PARTLY_REFUNDED, Kind.REFUND): frozenset({Status.PARTLY_REFUNDED, Status.REFUNDED}),
    # A refund made before the dispute, told after it.
    (Status.DISPUTED, Kind.REFUND): frozenset({Status.DISPUTED}),
    # A refund that the bank could not deliver: the only way out of REFUNDED, and never by an old
    # event: it takes a failed refund of this payment.
    (Status.REFUNDED, Kind.REFUND_REVERSAL): frozenset({Status.PAID, Status.PARTLY_REFUNDED}),
    (Status.PARTLY_REFUNDED, Kind.REFUND_REVERSAL): frozenset(
        {Status.PAID, Status.PARTLY_REFUNDED}
    ),
    (Status.DISPUTED, Kind.REFUND_REVERSAL): frozenset({Status.DISPUTED}),
    # The bank took disputed money, and gave it back.
    (Status.PAID, Kind.DISPUTE): frozenset({Status.DISPUTED}),
    (Status.PARTLY_REFUNDED, Kind.DISPUTE): frozenset({Status.DISPUTED}),
    (Status.DISPUTED, Kind.DISPUTE): frozenset({Status.DISPUTED}),
    (Status.DISPUTED, Kind.DISPUTE_REVERSAL): SETTLED,
}
"""(from, what happened) → where that may lead. What is not here changes nothing."""


@dataclass(frozen=True)
class Movement:
    """One movement of money. `id` names it for ever: the payment's, refund's or dispute's own."""

    id: str
    kind: Kind
    amount: int
    """Kopecks, always positive."""
    at: datetime
    """When the provider moved it."""


class NotAllowed(Exception):
    """A movement for which the table has no move, e.g. more given back than was paid."""


def ordered(movements: Iterable[Movement]) -> list[Movement]:
    """In the order in which they are booked: payment, then by time; an undoing after its cause."""
    rank = {Kind.PAYMENT: 0, Kind.REFUND: 1, Kind.DISPUTE: 1}
    return sorted(
        movements,
        key=lambda m: (m.kind is not Kind.PAYMENT, m.at, rank.get(m.kind, 2), m.id),
    )


def after_movement(status: Status, booked: Iterable[Movement], new: Movement) -> Status:
    """The status once `new` is booked beside `booked`. Raises NotAllowed."""
    target = _settled([*booked, new])
    if target not in MOVES.get((status, new.kind), frozenset()):
        raise NotAllowed(f"{new.kind} {new.id} from {status} to {target}")
    return target


def after_ending(status: Status, ending: Ending) -> Status | None:
    """Where an ending without money leads; None when it changes nothing (late, or overtaken)."""
    return next(iter(MOVES.get((status, ending), ())), None)


def _settled(movements: list[Movement]) -> Status:
    def total(kind: Kind) -> int:
        return sum(m.amount for m in movements if m.kind is kind)

    captured = total(Kind.PAYMENT)
    refunded = total(Kind.REFUND) - total(Kind.REFUND_REVERSAL)
    disputed = total(Kind.DISPUTE) - total(Kind.DISPUTE_REVERSAL)
    if not 0 <= refunded + disputed <= captured or min(refunded, disputed) < 0:
        raise NotAllowed(f"captured {captured}, refunded {refunded}, disputed {disputed}")
    if disputed:
        return Status.DISPUTED
    if refunded == captured:
        return Status.REFUNDED
    return Status.PARTLY_REFUNDED if refunded else Status.PAID
