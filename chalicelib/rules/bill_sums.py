"""Whether a bill agrees with itself to the kopeck.

Line: total = charged - benefit + recalculation + penalty, and charged = individual + common where
both are told. Bill: charged is the sum of the totals. To pay: debt at start + charged - paid, but
what was paid for the last month's voluntary insurance settled that and lowers no debt.
"""

from chalicelib.errors import Code, FieldError
from chalicelib.shapes.imports import BillLineRow, BillRow


def insurance_of(bill: BillRow) -> int:
    """Kopecks of the bill's voluntary insurance."""
    return sum(line.total for line in bill.lines if line.insurance)


def mistakes(bill: BillRow) -> list[FieldError]:
    """What does not add up; empty for a good bill."""
    found = [error for number, line in enumerate(bill.lines) for error in _of_line(number, line)]
    charged = sum(line.total for line in bill.lines)
    if bill.charged != charged:
        found.append(_wrong("charged", Code.BILL_CHARGED_WRONG, charged))
    expected = bill.debt_at_start + bill.charged - bill.paid + (bill.insurance_paid or 0)
    if not _to_pay_follows(bill, expected):
        found.append(_wrong("to_pay", Code.BILL_TO_PAY_WRONG, expected))
    without = bill.to_pay - insurance_of(bill)
    told = bill.to_pay_without_insurance
    if told is not None and told not in (without, max(without, 0)):
        found.append(_wrong("to_pay_without_insurance", Code.BILL_INSURANCE_WRONG, without))
    return found


def _to_pay_follows(bill: BillRow, expected: int) -> bool:
    if bill.to_pay == expected or (bill.to_pay == 0 and expected < 0):
        return True
    if bill.insurance_paid is not None:
        return False
    # Not told how much was paid for insurance: the last month's was at most this month's.
    return 0 < bill.to_pay - expected <= min(insurance_of(bill), max(bill.paid, 0))


def _of_line(number: int, line: BillLineRow) -> list[FieldError]:
    found = []
    total = line.charged - line.benefit + line.recalculation + line.penalty
    if line.total != total:
        found.append(_wrong(f"lines[{number}].total", Code.LINE_TOTAL_WRONG, total))
    if line.individual is not None and line.common is not None:
        parts = line.individual + line.common
        if line.charged != parts:
            found.append(_wrong(f"lines[{number}].charged", Code.LINE_PARTS_WRONG, parts))
    return found


def _wrong(field: str, code: Code, expected: int) -> FieldError:
    return FieldError(field, code, {"expected": expected})
