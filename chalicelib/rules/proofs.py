"""Does an amount prove an account? Kopecks against a bill that only the household has.

A bill whose amount anybody could guess proves nothing: zero, an advance, or nothing but insurance.
"""

from dataclasses import dataclass
from datetime import date

from chalicelib.rules.periods import last_closed


@dataclass(frozen=True)
class ProvingBill:
    """What a proof is compared with, in kopecks."""

    period: str
    to_pay: int
    to_pay_without_insurance: int
    charged: int


def amount_proves(bill: ProvingBill | None, amount: int, today: date) -> bool:
    """Whether `amount` is the bill's amount to pay, to the kopeck, with or without insurance."""
    if bill is None or bill.period not in last_closed(today):
        return False
    if bill.to_pay_without_insurance <= 0:
        return False
    return amount in (bill.to_pay, bill.to_pay_without_insurance)


def charge_proves(bill: ProvingBill | None, amount: int, today: date) -> bool:
    """Whether `amount` answers the control question: what the bill's month was charged in all."""
    if bill is None or bill.period not in last_closed(today):
        return False
    insurance = bill.to_pay - bill.to_pay_without_insurance
    return bill.charged > max(insurance, 0) and amount == bill.charged
