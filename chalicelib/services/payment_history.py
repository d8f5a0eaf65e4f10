"""A client's payments: own ones, and what the billing tells of the accounts, as one list.

Both kinds are ordered by the second in which they were made or paid, and then by id; the cursor
names such a place, so every source goes on from it by its own key.
"""

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.clock import MOSCOW
from chalicelib.errors import Code, NotFound, refuse_field
from chalicelib.models.base import batch_get
from chalicelib.models.entry import ImportedPayment, imported_item
from chalicelib.models.holder import held_by
from chalicelib.models.payment import Payment, check_moment
from chalicelib.rules.payment_status import Status
from chalicelib.rules.periods import first_day, shifted
from chalicelib.services import cursors
from chalicelib.services.payment_views import shown, shown_imported
from chalicelib.shapes.payments import PaymentOut, PaymentsOut, PaymentsQuery

_PAYMENT_ID: Final = re.compile(r"pay_[0-9a-f]{32}")
BATCH: Final = 100
_SECOND: Final = "%Y-%m-%dT%H:%M:%SZ"
_OLDEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NEWEST: Final = datetime(2999, 1, 1, tzinfo=UTC)

_Place = tuple[str, str]
"""The second and the id: where in the list."""
_Row = tuple[_Place, Payment | ImportedPayment]


@dataclass(frozen=True)
class _Span:
    """What is looked for: between two moments, and below a place if a page went before."""

    first: datetime
    last: datetime
    below: _Place | None
    page_size: int

    def holds(self, place: _Place) -> bool:
        return self.below is None or place < self.below


def list_payments(client_id: str, query: PaymentsQuery) -> PaymentsOut:
    """A page, newest first. Two queries and one per verified account.

    Batches more where the billing acknowledges payments made here, so that none shows twice.
    """
    span = _span(query)
    sources: list[Iterator[_Row]] = [_own(client_id, query, span)]
    if query.status in (None, Status.PAID):
        held, _ = held_by(client_id)
        numbers = [each.account_number for each in held if each.verified]
        chosen = query.account_number
        sources += [_imported(number, span) for number in numbers if chosen in (None, number)]
    merged = heapq.merge(*sources, key=lambda row: row[0], reverse=True)
    rows: list[_Row] = []
    while len(rows) <= query.limit:
        more = list(islice(merged, query.limit + 1 - len(rows)))
        if not more:
            break
        rows += _not_acknowledging(client_id, more)
    page = rows[: query.limit]
    return PaymentsOut(
        items=[_shown(row) for _, row in page],
        next_cursor=cursors.pack(*page[-1][0]) if len(rows) > query.limit else None,
    )


def see_payment(client_id: str, payment_id: str) -> PaymentOut:
    """One payment of the list. Raises NotFound.

    One read for an own one; the billing's ids name no account, so each verified account is asked.
    """
    if not _PAYMENT_ID.fullmatch(payment_id):
        return _see_imported(client_id, payment_id)
    try:
        return shown(Payment.get(client_id, payment_id, consistent_read=True))
    except DoesNotExist as exc:
        raise NotFound from exc


def _see_imported(client_id: str, imported_id: str) -> PaymentOut:
    held, _ = held_by(client_id)
    ever = _Span(_OLDEST, _NEWEST, None, BATCH)
    for number in (each.account_number for each in held if each.verified):
        rows = [row for row in _imported(number, ever) if row[0][1] == imported_id]
        for _, row in _not_acknowledging(client_id, rows):
            return _shown(row)
    raise NotFound


def checked_id(payment_id: str) -> str:
    """A payment's id from a path. Raises NotFound for what cannot be one."""
    if not _PAYMENT_ID.fullmatch(payment_id):
        raise NotFound
    return payment_id


def _shown(row: Payment | ImportedPayment) -> PaymentOut:
    return shown(row) if isinstance(row, Payment) else shown_imported(row)


def _span(query: PaymentsQuery) -> _Span:
    first = _month(query.from_) if query.from_ else _OLDEST
    until = _month(shifted(query.to, 1)) if query.to else _NEWEST
    last = until - timedelta(milliseconds=1)
    after = cursors.unpack(query.cursor, 2)
    if after is None:
        return _Span(first, last, None, query.limit + 1)
    try:
        second = datetime.strptime(after[0], _SECOND).replace(tzinfo=UTC)
    except ValueError as exc:
        raise refuse_field("cursor", Code.CURSOR_INVALID) from exc
    within = second + timedelta(milliseconds=999)
    return _Span(first, min(last, within), (after[0], after[1]), query.limit + 1)


def _month(period: str) -> datetime:
    return datetime.combine(first_day(period), datetime.min.time(), MOSCOW).astimezone(UTC)


def _own(client_id: str, query: PaymentsQuery, span: _Span) -> Iterator[_Row]:
    if span.first > span.last:
        return
    found = Payment.query(
        client_id,
        Payment.payment_id.between(_id_bound(span.first, "0"), _id_bound(span.last, "f")),
        scan_index_forward=False,
        consistent_read=True,
        page_size=span.page_size,
    )
    for payment in found:
        place = (_second_of(payment.payment_id), payment.payment_id)
        if span.holds(place) and _fits(payment, query):
            yield place, payment


def _imported(account_number: str, span: _Span) -> Iterator[_Row]:
    if span.first > span.last:
        return
    found = ImportedPayment.query(
        account_number,
        ImportedPayment.item.between(
            imported_item(span.first, ""), imported_item(span.last, "\uffff")
        ),
        scan_index_forward=False,
        consistent_read=True,
        page_size=span.page_size,
    )
    for row in found:
        place = (check_moment(row.paid_at), row.imported_id)
        if span.holds(place):
            yield place, row


def _fits(payment: Payment, query: PaymentsQuery) -> bool:
    if query.status is not None and payment.status != query.status.value:
        return False
    numbers = [item["account_number"] for item in payment.items]
    return query.account_number is None or query.account_number in numbers


def _not_acknowledging(client_id: str, rows: list[_Row]) -> list[_Row]:
    """Without the rows in which the billing acknowledges a payment of this client."""
    told = sorted(
        {r.payment_id for _, r in rows if isinstance(r, ImportedPayment) and r.payment_id}
    )
    known = {
        payment.payment_id
        for first in range(0, len(told), BATCH)
        for payment in batch_get((Payment, client_id, each) for each in told[first : first + BATCH])
        if isinstance(payment, Payment)
    }
    return [row for row in rows if isinstance(row[1], Payment) or row[1].payment_id not in known]


def _id_bound(at: datetime, fill: str) -> str:
    return f"pay_{int(at.timestamp() * 1000):012x}{fill * 20}"


def _second_of(payment_id: str) -> str:
    """The second that a payment's id begins with."""
    milliseconds = int(payment_id[4:16], 16)
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime(_SECOND)
