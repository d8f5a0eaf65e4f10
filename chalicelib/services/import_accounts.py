"""Rows of an accounts file: facts of accounts and their suppliers.

A row changes what it tells and leaves the rest. Two reads and one transaction per account that
changed, a query more where its window changed; of unchanged ones only the reads, a hundred accounts
at a call.
"""

from typing import Any, Final

from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.suppliers import ITEM as SUPPLIERS
from chalicelib.models.suppliers import Suppliers
from chalicelib.services.import_rows import (
    Checked,
    Outcome,
    at_once,
    by_account,
    groups,
    persistently,
    revision_of,
)
from chalicelib.services.reminder_places import follow
from chalicelib.services.windows import account_window
from chalicelib.shapes.imports import AccountRow

READ_AT_ONCE: Final = 100
_PLAIN: Final = (
    "owner_name",
    "address",
    "total_area",
    "living_area",
    "residents",
    "registered",
    "ownership",
    "insurance_refused",
    "window_overrides",
)


def apply(rows: list[Checked[AccountRow]]) -> Outcome:
    """Apply checked rows."""
    outcome = Outcome()
    for group in groups(by_account(rows).items(), READ_AT_ONCE):
        read = batch_get((Account, number, ACCOUNT) for number, _ in group)
        known = [account if isinstance(account, Account) else None for account in read]
        outcome.add(at_once(_of_account, zip(group, known, strict=True)))
    return outcome


def _of_account(
    one: tuple[tuple[str, list[Checked[AccountRow]]], Account | None],
) -> Outcome:
    (number, told), known = one
    outcome = Outcome()
    for checked in told:
        known = _apply(number, checked.row, known, outcome)
    return outcome


def _apply(number: str, row: AccountRow, known: Account | None, outcome: Outcome) -> Account:
    revision = revision_of(row)
    if known is not None and known.revision == revision:
        outcome.unchanged += 1
        return known
    outcome.applied += 1
    try:
        return _write(row, known or Account(number, ACCOUNT), revision)
    except Refusal:
        return persistently(lambda: _write(row, _read(number), revision))


def _read(number: str) -> Account:
    (found,) = batch_get([(Account, number, ACCOUNT)])
    return found if isinstance(found, Account) else Account(number, ACCOUNT)


def _write(row: AccountRow, account: Account, revision: str) -> Account:
    before = account_window(account)
    for name in _PLAIN:
        value = getattr(row, name)
        if value is not None:
            setattr(account, name, value)
    if row.reading_window is not None:
        account.window_opens = row.reading_window.opens_on
        account.window_closes = row.reading_window.closes_on
    account.revision = revision
    if account.version is not None and account_window(account) != before:
        follow(account)
    t = Transaction()
    t.put("account", account)  # on the condition of its version
    if row.suppliers is not None:
        told: list[dict[str, Any]] = [s.model_dump(exclude_none=True) for s in row.suppliers]
        t.put("suppliers", Suppliers(account.account_number, SUPPLIERS, suppliers=told))
    t.commit()
    return account
