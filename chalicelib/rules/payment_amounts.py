"""The arithmetic of a payment: what each account's part is, in whole kopecks and to the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.rules.balance import Balance


@dataclass(frozen=True)
class Part:
    """What a movement is for one account: `amount` kopecks, of which `insurance`."""

    amount: int
    insurance: int = 0


def own_part(balance: Balance, amount: int, *, with_insurance: bool) -> Part:
    """A payment of `amount` that the resident chose.

    Insurance is in it only when asked for and when the amount covers the bill with it: a part of
    a premium insures nobody.
    """
    open_insurance = balance.to_pay - balance.to_pay_without_insurance
    covered = with_insurance and amount >= balance.to_pay
    return Part(amount, open_insurance if covered else 0)


def whole_part(balance: Balance, *, with_insurance: bool) -> Part:
    """The server's amount for one account: all that is due, with or without insurance."""
    return own_part(
        balance, balance.due(with_insurance=with_insurance), with_insurance=with_insurance
    )


def underpaid(balance: Balance, amount: int, *, with_insurance: bool) -> bool:
    """Whether `amount` leaves a debt."""
    return amount < balance.due(with_insurance=with_insurance)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` over parts as `weights` stand, summing exactly; no part exceeds its weight.

    Largest remainders get the odd kopecks, the first of equals first. Raises ValueError when
    `amount` is more than all weights together.
    """
    total = sum(weights)
    if not 0 <= amount <= total or min(weights, default=0) < 0:
        raise ValueError(f"{amount} does not fit into {list(weights)}")
    if total == 0:
        return [0 for _ in weights]
    parts = [amount * weight // total for weight in weights]
    odd = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[:odd]:
        parts[i] += 1
    return parts


def taken_back(amount: int, left: Sequence[Part]) -> list[Part]:
    """How a refund or dispute of `amount` falls on what is `left` of each account's part.

    Insurance goes back in the proportion in which it stands. Raises ValueError for more than is left.
    """
    amounts = split(amount, [part.amount for part in left])
    return [
        Part(back, part.insurance * back // part.amount if part.amount else 0)
        for back, part in zip(amounts, left, strict=True)
    ]


def minus(left: Sequence[Part], back: Sequence[Part]) -> list[Part]:
    """What is left after `back` was taken."""
    return [
        Part(a.amount - b.amount, a.insurance - b.insurance)
        for a, b in zip(left, back, strict=True)
    ]


def plus(left: Sequence[Part], more: Sequence[Part]) -> list[Part]:
    """What is there after `more` came back."""
    return [
        Part(a.amount + b.amount, a.insurance + b.insurance)
        for a, b in zip(left, more, strict=True)
    ]
