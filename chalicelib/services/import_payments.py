"""Rows of a payments file: what was paid elsewhere, and our own payments as the billing counts them.

A payment of our own that the billing acknowledges gets the period that counts it and is never
deducted a second time; a foreign one lowers what is to be paid until the bill of its period comes.
Equal rows are legal: without an id of their own they are told apart by their number among equal
ones. Two reads per row (a hundred at a call); per account with new rows one query, which finds rows
that were told before with another moment, and one transaction. The ledger is asked (one query more)
only where a row acknowledges what is not among the account's unbilled money.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from chalicelib import clock, ids
from chalicelib.errors import Code, FieldError
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Transaction, batch_get
from chalicelib.models.entry import ImportedPayment, entries_of, imported_item, imported_of
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
ROWS_AT_ONCE: Final = 45
"""Each may need two writes of a transaction's hundred."""


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
    ours = _ours(account, [checked.row for checked in payments])
    good = [checked for checked in payments if _accepted(checked, ours, outcome)]
    changed: dict[str, ImportedPayment] = {}
    for checked in good:
        item = items[checked.line]
        stored = changed.get(item.imported_id) or known[number, item.item]
        if stored is not None and stored.revision == item.revision:
            outcome.unchanged += 1
        else:
            outcome.applied += 1
            changed[item.imported_id] = item
    before = _told_before(number, changed)
    for group in groups(changed.values(), ROWS_AT_ONCE):
        _apply(account, group, before)
        account = None
    return outcome


def _told_before(number: str, changed: Mapping[str, ImportedPayment]) -> dict[str, ImportedPayment]:
    """Rows of the same ids that stand under another moment, by id."""
    if not changed:
        return {}
    return {
        each.imported_id: each
        for each in imported_of(number)
        if each.imported_id in changed and each.item != changed[each.imported_id].item
    }


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


def _ours(account: Account, rows: list[PaymentRow]) -> dict[str, int]:
    """The cabinet's own money of the account by id, as far as the rows ask: kopecks towards it.

    What bills have counted already stands in the ledger only; that is read where a row names such.
    """
    found = {
        key: int(entry["amount"]) for key, entry in unbilled_of(account).items() if "at" in entry
    }
    asked = {row.payment_id for row in rows if row.payment_id}
    if asked <= found.keys():
        return found
    for entry in entries_of(account.account_number):
        towards = entry.credit == f"account:{account.account_number}"
        found[entry.entry_id] = int(entry.amount) if towards else -int(entry.amount)
    return found


def _accepted(checked: Checked[PaymentRow], ours: Mapping[str, int], outcome: Outcome) -> bool:
    """Refuse a row that acknowledges what never was, or gives one of our payments another amount."""
    row = checked.row
    if row.payment_id is not None and row.payment_id not in ours:
        outcome.refuse(checked.line, [FieldError("payment_id", Code.PAYMENT_UNKNOWN)])
        return False
    if row.payment_id is not None and ours[row.payment_id] != row.amount:
        outcome.refuse(checked.line, [FieldError("amount", Code.PAYMENT_DIFFERS)])
        return False
    return True


def _apply(
    account: Account | None, items: list[ImportedPayment], before: Mapping[str, ImportedPayment]
) -> None:
    at_hand = [account] if account is not None else []
    number = items[0].account_number

    def write() -> None:
        found = at_hand.pop() if at_hand else _read(number)
        _write(found, items, before)

    persistently(write)


def _read(number: str) -> Account:
    (found,) = batch_get([(Account, number, ACCOUNT)])
    assert isinstance(found, Account)
    return found


def _write(
    account: Account, items: list[ImportedPayment], told_before: Mapping[str, ImportedPayment]
) -> None:
    before = unbilled_of(account)
    after = dict(before)
    t = Transaction()
    for item in items:
        t.put(f"payment:{item.item}", item)
        if item.imported_id in told_before:
            t.delete(f"before:{item.item}", told_before[item.imported_id])
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
