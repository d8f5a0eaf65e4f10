"""What is to be paid now: the newest bill less what settled since and the bill does not count yet.

All amounts are integer kopecks. A movement is money towards the account: a payment is positive, a
refund or a lost dispute negative. Each stands under its own id, so a repeated step changes nothing
and order does not matter. Voluntary insurance is a choice, never a debt: unpaid, it lapses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BillFacts:
    """The newest bill's totals, as the billing told them."""

    period: str | None
    to_pay: int
    insurance: int = 0
    """How much of `to_pay` is voluntary insurance."""
    debt_at_start: int = 0
    charged: int = 0
    paid: int = 0
    as_of: datetime | None = None


@dataclass(frozen=True)
class Movement:
    """One payment, refund or dispute beside the bill."""

    amount: int
    period: str | None = None
    """The billing period that counts it; None until the billing told one."""
    insurance: int = 0
    """How much of `amount` is voluntary insurance."""


@dataclass(frozen=True)
class Balance:
    """An account's balance.

    `to_pay` is what paying the bill in full takes, voluntary insurance included until a payment that
    left it out has covered the rest. It and `to_pay_without_insurance` are never negative: what
    was paid beyond them is `advance`.
    """

    to_pay: int
    to_pay_without_insurance: int
    advance: int
    debt_at_start: int
    charged: int
    paid: int
    as_of: datetime | None

    def due(self, *, with_insurance: bool) -> int:
        """Kopecks to ask for."""
        return self.to_pay if with_insurance else self.to_pay_without_insurance


def balance(bill: BillFacts, movements: Mapping[str, Movement]) -> Balance:
    """The balance after `movements` that `bill` does not count yet.

    A payment counts to the bill's other lines, but for what it says is for insurance. Once those
    lines are covered, what is open of insurance lapses: the bill is paid. An older advance is
    spent on insurance only when somebody chose it.
    """
    beside = uncounted(bill.period, movements.values())
    moved = sum(m.amount for m in beside)
    for_insurance = sum(m.insurance for m in beside)
    rest = bill.to_pay - bill.insurance - (moved - for_insurance)
    rest -= max(for_insurance - bill.insurance, 0)  # chosen twice: the second is money like other
    insurance = max(bill.insurance - for_insurance, 0)
    if rest <= 0 and any(m.amount > 0 for m in beside):
        if for_insurance > 0:
            rest += min(insurance, -rest)
        insurance = 0
    return Balance(
        to_pay=max(rest + insurance, 0),
        to_pay_without_insurance=max(rest, 0),
        advance=max(-(rest + insurance), 0),
        debt_at_start=bill.debt_at_start,
        charged=bill.charged,
        paid=bill.paid + moved,
        as_of=bill.as_of,
    )


def uncounted(bill_period: str | None, movements: Iterable[Movement]) -> list[Movement]:
    """Those that the bill of `bill_period` does not contain: told for a later period, or for none."""
    return [
        m for m in movements if m.period is None or bill_period is None or m.period > bill_period
    ]
