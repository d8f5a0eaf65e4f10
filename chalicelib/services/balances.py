"""The balance of a stored account: the one way from its item to `rules/balance.py`. No calls."""

from collections.abc import Mapping
from typing import Any

from chalicelib.models.account import Account
from chalicelib.rules.balance import Balance, BillFacts, Movement, balance


def balance_of(account: Account) -> Balance:
    """What is to be paid on `account` now, with everything that settled since its newest bill."""
    insurance = int(account.bill_insurance)
    to_pay = int(account.bill_to_pay)
    if account.insurance_refused:
        to_pay, insurance = to_pay - insurance, 0
    bill = BillFacts(
        period=account.bill_period,
        to_pay=to_pay,
        insurance=insurance,
        debt_at_start=int(account.bill_debt_at_start),
        charged=int(account.bill_charged),
        paid=int(account.bill_paid),
        as_of=account.bill_as_of,
    )
    return balance(bill, movements_of(account))


def movements_of(account: Account) -> dict[str, Movement]:
    """The account's `unbilled` money by id."""
    unbilled: Mapping[str, Any] = account.unbilled.as_dict() if account.unbilled else {}  # type: ignore[no-untyped-call]
    return {
        key: Movement(
            amount=int(entry["amount"]),
            period=entry.get("period"),
            insurance=int(entry.get("insurance", 0)),
        )
        for key, entry in unbilled.items()
    }


def amount_due(account: Account, *, with_insurance: bool) -> int:
    """Kopecks that paying `account` in full takes now; 0 when nothing is due."""
    return balance_of(account).due(with_insurance=with_insurance)


def insurance_due(account: Account) -> int:
    """How much of `amount_due(account, with_insurance=True)` is voluntary insurance."""
    now = balance_of(account)
    return now.to_pay - now.to_pay_without_insurance


def insurance_available(account: Account) -> bool:
    """Whether the client may choose insurance: the newest bill has it and no refusal was filed."""
    return not account.insurance_refused and int(account.bill_insurance) > 0
