"""Rows of a payments file: what was paid elsewhere, and our own payments as the billing counts them.

A payment of our own that the billing acknowledges gets the period that counts it and is never
deducted a second time; a foreign one lowers what is to be paid until the bill of its period comes.
Equal rows are legal: without an id of their own they are told apart by their number among equal
ones. Two reads per row (a hundred at a call), one transaction per account.
"""

from collections import Counter
from typing import Any, Final

from chalicelib import clock, ids
from chalicelib.errors import Code, FieldError
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Transaction, batch_get
from chalicelib.models.entry import ImportedPayment, imported_item
from chalicelib.rules.periods import period_of
from chalicelib.services.import_bills import unbilled_of
from chalicelib.services.import_rows import (
    Checked,
    Outcome,
    at_once,
    by_account,
    groups,
    persistently,
    revision_of,
)
from chalicelib.shapes.imports import PaymentRow

READ_AT_ONCE: Final = 100
ROWS_AT_ONCE: Final = 90


def apply(rows: list[Checked[PaymentRow]]) -> Outcome:
    """Apply checked rows."""
    items = _identified(rows)
    told = by_account(rows)
    keys: list[Any] = [(Account, number, ACCOUNT) for number in told]
    keys += [(ImportedPayment, i.account_number, i.item) for i in items.values()]
    known: dict[tuple[str, str], Any] = {}
    for group in groups(dict.fromkeys(keys), READ_AT_ONCE):
        for key, item in zip(group, batch_get(group), strict=True):
            known[key[1], key[2]] = item

    def work(one: tuple[str, list[Checked[PaymentRow]]]) -> Outcome:
        return _of_account(*one, items, known)

    return at_once(work, told.items())


def _of_account(
    number: str,
    payments: list[Checked[PaymentRow]],
    items: dict[int, ImportedPayment],
    known: dict[tuple[str, str], Any],
) -> Outcome:
    outcome = Outcome()
    account: Account | None = known[number, ACCOUNT]
    if account is None:
        for checked in payments:
            outcome.refuse(checked.line, [FieldError("account_number", Code.ACCOUNT_UNKNOWN)])
        return outcome
    good = [checked for checked in payments if _accepted(checked, account, outcome)]
    changed: dict[str, ImportedPayment] = {}
    for checked in good:
        item = items[checked.line]
        stored = changed.get(item.item) or known[number, item.item]
        if stored is not None and stored.revision == item.revision:
            outcome.unchanged += 1
        else:
            outcome.applied += 1
            changed[item.item] = item
    for group in groups(changed.values(), ROWS_AT_ONCE):
        _apply(account, group)
        account = None
    return outcome


def _identified(rows: list[Checked[PaymentRow]]) -> dict[int, ImportedPayment]:
    """The items of rows, by line."""
    seen: Counter[str] = Counter()
    found = {}
    for checked in rows:
        row = checked.row
        revision = revision_of(row)
        imported_id = row.id
        if imported_id is None:
            seen[revision] += 1
            imported_id = ids.derived_id("imp", revision, row.account_number, str(seen[revision]))
        found[checked.line] = ImportedPayment(
            row.account_number,
            imported_item(row.paid_at, imported_id),
            imported_id=imported_id,
            amount=row.amount,
            paid_at=row.paid_at,
            period=row.period or period_of(clock.moscow_day(row.paid_at)),
            agent=row.agent,
            payment_id=row.payment_id,
            revision=revision,
        )
    return found


def _accepted(checked: Checked[PaymentRow], account: Account, outcome: Outcome) -> bool:
    """Refuse a row that gives one of our payments another amount."""
    row = checked.row
    ours = unbilled_of(account).get(row.payment_id or "")
    if ours is not None and "at" in ours and int(ours["amount"]) != row.amount:
        outcome.refuse(checked.line, [FieldError("amount", Code.PAYMENT_DIFFERS)])
        return False
    return True


def _apply(account: Account | None, items: list[ImportedPayment]) -> None:
    at_hand = [account] if account is not None else []
    number = items[0].account_number

    def write() -> None:
        found = at_hand.pop() if at_hand else _read(number)
        _write(found, items)

    persistently(write)


def _read(number: str) -> Account:
    (found,) = batch_get([(Account, number, ACCOUNT)])
    assert isinstance(found, Account)
    return found


def _write(account: Account, items: list[ImportedPayment]) -> None:
    before = unbilled_of(account)
    after = dict(before)
    t = Transaction()
    for item in items:
        t.put(f"payment:{item.item}", item)
        counted = bool(account.bill_period) and item.period <= account.bill_period
        key = _own_key(item, before)
        if counted:
            after.pop(key or item.imported_id, None)
        elif key is not None:
            after[key] = {**before[key], "period": item.period}
        elif not item.payment_id:
            after[item.imported_id] = {"amount": int(item.amount), "period": item.period}
    if after != before:
        account.unbilled = after
        t.put("account", account)  # on the condition of its version
    t.commit()


def _own_key(item: ImportedPayment, unbilled: dict[str, Any]) -> str | None:
    """The id under which our own money stands that the row acknowledges."""
    for key in (item.payment_id, item.imported_id):
        if key is not None and "at" in unbilled.get(key, {}):
            return str(key)
    return None
