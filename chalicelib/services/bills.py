"""Bills as a holder sees them: the billing's totals, the newest one with what was paid since.

Each operation is one call: the caller's right comes with what is asked for.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from chalicelib.errors import Code, NotFound, refuse_field
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.base import batch_get
from chalicelib.models.bill import Bill, BillLines, bill_item, lines_item
from chalicelib.models.holder import Holder, holder_item
from chalicelib.models.partition import between
from chalicelib.models.suppliers import ITEM as SUPPLIERS
from chalicelib.models.suppliers import Suppliers
from chalicelib.rules import periods
from chalicelib.rules.service_history import MONTHS_AT_MOST, ServiceHistory, by_service
from chalicelib.services import cursors
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.balances import balance_of

_PERIOD: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_BILL: Final = bill_item("")


@dataclass(frozen=True)
class BillView:
    """A bill's totals in kopecks; the newest bill's tell what was paid since it was issued."""

    period: str
    to_pay: int
    to_pay_without_insurance: int
    debt_at_start: int
    charged: int
    paid: int
    due_on: str | None
    as_of: datetime


@dataclass(frozen=True)
class BillsPage:
    """A page of bills, newest first."""

    items: tuple[BillView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Months:
    """Which periods of a list are wanted: both ends inclusive, open where None."""

    first: str | None
    last: str | None

    def hold(self, period: str) -> bool:
        """Whether `period` is among them."""
        return (self.first or "") <= period and (self.last is None or period <= self.last)


def list_bills(
    client_id: str, account_number: str, months: Months, limit: int, cursor: str | None
) -> BillsPage:
    """Bills, newest first. One query, whatever the page.

    The query descends from the caller's `holder#` item over the ledger's entries and the bills to
    the account, so it reads them all: about 0.5 kB a month, one read unit for eight months. Raises
    NotFound, Forbidden `account_not_verified`, Refused `cursor_invalid`.
    """
    after = cursors.unpack(cursor, 1)
    holder_key(account_number, client_id)
    mine = holder_item(client_id)
    right: Holder | None = None
    account: Account | None = None
    bills: list[Bill] = []
    for found in between(AccountItem, account_number, ACCOUNT, mine, newest_first=True):
        if found.item == mine:
            right = found.as_(Holder)
        elif found.item == ACCOUNT:
            account = found.as_(Account)
        elif found.item.startswith(_BILL):
            bills.append(found.as_(Bill))
    require_holder(right)
    wanted = [b for b in bills if months.hold(b.period) and (not after or b.period < after[0])]
    page = wanted[:limit]
    return BillsPage(
        items=tuple(_view(bill, account) for bill in page),
        next_cursor=cursors.pack(page[-1].period) if len(wanted) > limit else None,
    )


def see_bill(
    client_id: str, account_number: str, period: str
) -> tuple[BillView, list[dict[str, Any]]]:
    """One bill and its lines, as `models/bill.py` keeps them. One batch.

    Raises NotFound, Forbidden `account_not_verified`.
    """
    if not _PERIOD.fullmatch(period):
        raise NotFound
    holder, bill, lines, account = batch_get(
        [
            holder_key(account_number, client_id),
            (Bill, account_number, bill_item(period)),
            (BillLines, account_number, lines_item(period)),
            (Account, account_number, ACCOUNT),
        ]
    )
    require_holder(holder)
    if not isinstance(bill, Bill):
        raise NotFound
    view = _view(bill, account if isinstance(account, Account) else None)
    return view, list(lines.lines) if isinstance(lines, BillLines) else []


def list_services(
    client_id: str, account_number: str, months: Months, today: date
) -> list[ServiceHistory]:
    """What each service cost and how much of it was used, over `months` (a year when open). One batch.

    Costs a read unit per 4 kB of lines: about one a month. Raises NotFound, Forbidden
    `account_not_verified`, Refused `out_of_range`.
    """
    last = months.last or periods.last_closed(today, 1)[0]
    first = months.first or periods.shifted(last, -11)
    count = periods.months_between(first, last) + 1
    if not 1 <= count <= MONTHS_AT_MOST:
        raise refuse_field("from", Code.OUT_OF_RANGE)
    wanted = [periods.shifted(first, age) for age in range(count)]
    holder, *found = batch_get(
        [
            holder_key(account_number, client_id),
            *((BillLines, account_number, lines_item(period)) for period in wanted),
        ]
    )
    require_holder(holder)
    return by_service({f.period: f.lines for f in found if isinstance(f, BillLines)})


def list_suppliers(client_id: str, account_number: str) -> list[dict[str, Any]]:
    """The account's suppliers, as `models/suppliers.py` keeps them. One batch.

    Raises NotFound, Forbidden `account_not_verified`.
    """
    holder, suppliers = batch_get(
        [holder_key(account_number, client_id), (Suppliers, account_number, SUPPLIERS)]
    )
    require_holder(holder)
    return list(suppliers.suppliers) if isinstance(suppliers, Suppliers) else []


def _view(bill: Bill, account: Account | None) -> BillView:
    newest = account if account and account.bill_period == bill.period else None
    now = balance_of(newest) if newest else None
    return BillView(
        period=bill.period,
        to_pay=now.to_pay if now else int(bill.to_pay),
        to_pay_without_insurance=(
            now.to_pay_without_insurance if now else int(bill.to_pay_without_insurance)
        ),
        debt_at_start=int(bill.debt_at_start),
        charged=int(bill.charged),
        paid=now.paid if now else int(bill.paid),
        due_on=bill.due_on,
        as_of=bill.as_of,
    )
