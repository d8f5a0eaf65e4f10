"""Rows of a bills file: a bill, its lines and the account's balance change in one transaction.

Only a bill of the account's newest period, or a later one, touches the balance, so the order of
files does not matter. Money that the new bill counts leaves `unbilled` in the same transaction.
Two reads per bill (a hundred at a call) and one transaction per account and 40 bills.
"""

from typing import Any, Final

from chalicelib import clock
from chalicelib.errors import Code, FieldError
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Transaction, batch_get
from chalicelib.models.bill import Bill, BillLines, bill_item, lines_item
from chalicelib.rules.bill_sums import insurance_of
from chalicelib.services.import_rows import (
    Checked,
    Outcome,
    at_once,
    by_account,
    groups,
    persistently,
    revision_of,
)
from chalicelib.shapes.imports import BillRow

BILLS_AT_ONCE: Final = 40
LINES_AT_ONCE: Final = 3_000
"""Lines in one transaction: far under its 4 MB."""
READ_AT_ONCE: Final = 100
_Known = dict[tuple[str, str], Any]


def apply(rows: list[Checked[BillRow]]) -> Outcome:
    """Apply checked rows."""
    told = by_account(rows)
    keys: list[Any] = [(Account, number, ACCOUNT) for number in told]
    keys += [(Bill, c.row.account_number, bill_item(c.row.period)) for c in rows]
    known: _Known = {}
    for group in groups(dict.fromkeys(keys), READ_AT_ONCE):
        for key, item in zip(group, batch_get(group), strict=True):
            known[key[1], key[2]] = item

    def work(one: tuple[str, list[Checked[BillRow]]]) -> Outcome:
        return _of_account(*one, known)

    return at_once(work, told.items())


def _of_account(number: str, bills: list[Checked[BillRow]], known: _Known) -> Outcome:
    outcome = Outcome()
    if known[number, ACCOUNT] is None:
        for checked in bills:
            outcome.refuse(checked.line, [FieldError("account_number", Code.ACCOUNT_UNKNOWN)])
        return outcome
    for some in _sets(bills):
        _apply(number, some, known, outcome)
    return outcome


def _sets(bills: list[Checked[BillRow]]) -> list[list[BillRow]]:
    """What goes into one transaction each: no period twice, neither too many nor too long."""
    sets: list[list[BillRow]] = []
    periods: set[str] = set()
    lines = 0
    for checked in bills:
        bill = checked.row
        full = sets and (len(sets[-1]) >= BILLS_AT_ONCE or lines + len(bill.lines) > LINES_AT_ONCE)
        if not sets or full or bill.period in periods:
            sets.append([])
            periods, lines = set(), 0
        sets[-1].append(bill)
        periods.add(bill.period)
        lines += len(bill.lines)
    return sets


def _apply(number: str, bills: list[BillRow], known: _Known, outcome: Outcome) -> None:
    changed = []
    for bill in bills:
        stored = known.get((number, bill_item(bill.period)))
        revision = revision_of(bill)
        if stored is not None and stored.revision == revision:
            outcome.unchanged += 1
        else:
            changed.append((bill, revision))
            outcome.applied += 1
    if not changed:
        return

    def write() -> None:
        account = known.pop((number, ACCOUNT), None)
        if account is None:
            (account,) = batch_get([(Account, number, ACCOUNT)])
        known[number, ACCOUNT] = _write(account, changed)

    persistently(write)
    for bill, revision in changed:
        known[number, bill_item(bill.period)] = Bill(revision=revision)


def _write(account: Account, bills: list[tuple[BillRow, str]]) -> Account:
    now = clock.now()
    t = Transaction()
    newest = max((bill for bill, _ in bills), key=lambda bill: bill.period)
    for bill, revision in bills:
        insurance = insurance_of(bill)
        without = bill.to_pay_without_insurance
        t.put(
            f"bill:{bill.period}",
            Bill(
                account.account_number,
                bill_item(bill.period),
                period=bill.period,
                to_pay=bill.to_pay,
                to_pay_without_insurance=bill.to_pay - insurance if without is None else without,
                debt_at_start=bill.debt_at_start,
                charged=bill.charged,
                paid=bill.paid,
                due_on=bill.due_on.isoformat() if bill.due_on else None,
                as_of=bill.as_of or now,
                revision=revision,
            ),
        )
        lines = [line.model_dump() for line in bill.lines]
        t.put(
            f"lines:{bill.period}",
            BillLines(
                account.account_number, lines_item(bill.period), period=bill.period, lines=lines
            ),
        )
    if not account.bill_period or newest.period >= account.bill_period:
        account.bill_period = newest.period
        account.bill_to_pay = newest.to_pay
        account.bill_insurance = insurance_of(newest)
        account.bill_debt_at_start = newest.debt_at_start
        account.bill_charged = newest.charged
        account.bill_paid = newest.paid
        account.bill_due_on = newest.due_on.isoformat() if newest.due_on else None
        account.bill_as_of = newest.as_of or now
        counted = unbilled_of(account)
        account.unbilled = {
            key: entry
            for key, entry in counted.items()
            if entry.get("period") is None or entry["period"] > newest.period
        }
        t.put("account", account)  # on the condition of its version
    t.commit()
    return account


def unbilled_of(account: Account) -> dict[str, Any]:
    """The account's money beside its newest bill, by id."""
    return account.unbilled.as_dict() if account.unbilled else {}  # type: ignore[no-untyped-call]
