"""A payment takes the state that the provider shows: the one place where money is booked.

Whoever learns of a change (webhook, schedule, autopay) fetches the truth from the provider and calls
`settle`. What is not booked yet is booked: ledger entries, balances, status and the receipt in one
transaction, on the condition that the payment is as it was read. So late, repeated, lost and
reordered events end alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action

from chalicelib import clock
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import AccountMoney, settle_actions
from chalicelib.models.accounts_table import export_key
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.entry import Entry, entry_item
from chalicelib.models.payment import Payment
from chalicelib.observability import count
from chalicelib.rules import payment_amounts as amounts
from chalicelib.rules.payment_amounts import Part
from chalicelib.rules.payment_status import (
    FINAL,
    TO_THE_ACCOUNT,
    Kind,
    Movement,
    NotAllowed,
    Status,
    after_ending,
    after_movement,
    ordered,
)
from chalicelib.services import autopay_outcomes
from chalicelib.services.messages import dispatch, intend
from chalicelib.services.provider_view import DISPUTE_BACK, REFUND_UNDONE, Discrepancy, Seen
from chalicelib.services.receipts import receipt

TRIES: Final = 8
PARTS_MAXIMUM: Final = 96
"""Of the 100 parts of a transaction; the rest is the payment's, the receipt's and autopay's."""


class UnknownPayment(Exception):
    """The provider tells of a payment of ours that we do not have: retried, then a person's."""


AlsoSettle = Callable[[Transaction, Payment, Status, str | None], list[str]]
ALSO: Final[dict[str, AlsoSettle]] = {"autopay": autopay_outcomes.follow}
"""By payment kind: what else changes in the transaction that moves a payment to a status.

Given the code of the newest refusal; answers the messages to dispatch after the commit.
"""


def settle(client_id: str, payment_id: str, seen: Seen) -> Payment:
    """Bring our payment to what was seen; the payment as it then stands.

    One read and one transaction; one read when there is nothing new. Raises UnknownPayment,
    Discrepancy.
    """
    for _ in range(TRIES):
        try:
            payment = Payment.get(client_id, payment_id, consistent_read=True)
        except DoesNotExist as exc:
            raise UnknownPayment(payment_id) from exc
        step = _next_step(payment, seen)
        if step is None:
            return payment
        try:
            step.t.commit()
        except Refusal as refusal:
            if any(label.startswith("account:") for label in refusal.labels):
                raise Discrepancy(f"{payment_id}: an account of it is gone") from refusal
            continue  # somebody settled meanwhile; look again
        dispatch(step.messages)
        if step.status is not Status(payment.status):
            count("payments", status=step.status.value)
        if not step.more:
            return _after(payment, step)
    raise Discrepancy(f"{payment_id}: could not be settled in {TRIES} tries")


@dataclass(frozen=True)
class _Step:
    t: Transaction
    status: Status
    changed: dict[str, Any]
    messages: list[str]
    more: bool


def _after(payment: Payment, step: _Step) -> Payment:
    for name, value in step.changed.items():
        setattr(payment, name, value)
    return payment


def _next_step(payment: Payment, seen: Seen) -> _Step | None:
    booked = booked_of(payment)
    known = {movement.id for movement in booked}
    missing = [movement for movement in ordered(seen.movements) if movement.id not in known]
    room = max((PARTS_MAXIMUM - len(payment.items)) // max(len(payment.items), 1), 1)
    if not missing:
        return _without_money(payment, seen)
    return _with_money(payment, seen, missing[:room], more=len(missing) > room)


def _without_money(payment: Payment, seen: Seen) -> _Step | None:
    """It was tried in vain, or it ended: no money moved."""
    status = Status(payment.status)
    changed: dict[str, Any] = {}
    if seen.intent and not payment.payment_intent_id:
        changed["payment_intent_id"] = seen.intent.id
    if seen.failure and seen.failure != payment.failure:
        changed["failure"] = seen.failure
    target = after_ending(status, seen.ending) if seen.ending else None
    if target is None and not changed:
        return None
    target = target or status
    t = Transaction()
    messages: list[str] = []
    also = ALSO.get(payment.kind)
    if also is not None and target is not status:
        messages += also(t, payment, target, seen.failure)
    changed["status"] = target.value
    t.update("payment", payment, _actions(payment, changed, target))
    return _Step(t, target, changed, messages, more=False)


def _with_money(payment: Payment, seen: Seen, new: list[Movement], *, more: bool) -> _Step:
    t = Transaction()
    now = clock.now()
    status = Status(payment.status)
    booked = booked_of(payment)
    record = dict(payment.booked)
    messages: list[str] = []
    changed: dict[str, Any] = {}
    per_account: list[dict[str, dict[str, int]]] = [{} for _ in payment.items]
    for movement in new:
        try:
            status = after_movement(status, booked, movement)
            parts = _parts(payment, record, movement)
        except (NotAllowed, ValueError) as exc:
            raise Discrepancy(f"{payment.payment_id}: {movement.kind} {movement.id}") from exc
        booked.append(movement)
        record[movement.id] = _recorded(movement, parts)
        for number, (item, part) in enumerate(zip(payment.items, parts, strict=True)):
            if part.amount:
                t.put(
                    f"entry:{movement.id}:{number}",
                    _entry(payment, item["account_number"], movement, part, now),
                    Entry.item.does_not_exist(),
                )
                per_account[number][movement.id] = _unbilled(movement, part)
        if movement.kind is Kind.PAYMENT:
            changed["paid_at"] = movement.at
            messages.append(
                intend(t, receipt(payment, payment.payment_id, movement.at, _card(seen)), now)
            )
    for number, (item, entries) in enumerate(zip(payment.items, per_account, strict=True)):
        if entries:
            account = AccountMoney(item["account_number"], ACCOUNT)
            actions = settle_actions(entries, autopay_outcomes.charge_of(payment))
            t.update(f"account:{number}", account, actions, AccountMoney.item.exists())
    also = ALSO.get(payment.kind)
    if also is not None:
        messages += also(t, payment, status, seen.failure)
    changed |= {"status": status.value, "booked": record, **_known_card(seen)}
    t.update("payment", payment, _actions(payment, changed, status))
    return _Step(t, status, changed, messages, more)


def _actions(payment: Payment, changed: dict[str, Any], status: Status) -> list[Action]:
    actions = [getattr(Payment, name).set(value) for name, value in changed.items()]
    if status in FINAL and payment.open:
        actions += [Payment.open.remove(), Payment.check_at.remove()]
    return actions


def _known_card(seen: Seen) -> dict[str, Any]:
    if seen.intent is None:
        return {}
    known: dict[str, Any] = {"payment_intent_id": seen.intent.id}
    if card := _card(seen):
        known |= {"card_brand": card["brand"], "card_last4": card["last4"]}
    return known


def booked_of(payment: Payment) -> list[Movement]:
    """The movements of a payment that are in the ledger."""
    return [
        Movement(name, Kind(entry["kind"]), entry["amount"], datetime.fromisoformat(entry["at"]))
        for name, entry in payment.booked.items()
    ]


def _recorded(movement: Movement, parts: list[Part]) -> dict[str, Any]:
    return {
        "kind": movement.kind.value,
        "amount": movement.amount,
        "at": movement.at.isoformat(),
        "parts": [[part.amount, part.insurance] for part in parts],
    }


def _parts(payment: Payment, record: dict[str, Any], movement: Movement) -> list[Part]:
    """How a movement falls on the payment's accounts."""
    if movement.kind is Kind.PAYMENT:
        if movement.amount != payment.amount:
            raise Discrepancy(f"{payment.payment_id}: captured {movement.amount}")
        return [Part(item["amount"], item["insurance"]) for item in payment.items]
    if movement.kind in TO_THE_ACCOUNT:
        cause = movement.id.removesuffix(REFUND_UNDONE).removesuffix(DISPUTE_BACK)
        return _read_parts(record[cause])
    return amounts.taken_back(movement.amount, _left(payment, record))


def _left(payment: Payment, record: dict[str, Any]) -> list[Part]:
    left = [Part(0, 0) for _ in payment.items]
    for entry in record.values():
        change = amounts.plus if Kind(entry["kind"]) in TO_THE_ACCOUNT else amounts.minus
        left = change(left, _read_parts(entry))
    return left


def _read_parts(entry: dict[str, Any]) -> list[Part]:
    return [Part(amount, insurance) for amount, insurance in entry["parts"]]


def _entry(
    payment: Payment, account_number: str, movement: Movement, part: Part, now: datetime
) -> Entry:
    ours, theirs = f"account:{account_number}", "provider"
    debit, credit = (theirs, ours) if movement.kind in TO_THE_ACCOUNT else (ours, theirs)
    return Entry(
        account_number,
        entry_item(movement.at, movement.id),
        entry_id=movement.id,
        kind=movement.kind.value,
        payment_id=payment.payment_id,
        client_id=payment.client_id,
        amount=part.amount,
        insurance=part.insurance,
        debit=debit,
        credit=credit,
        at=movement.at,
        # The day on which it was booked, not moved: files of earlier days have left already.
        export=export_key("payments", clock.moscow_day(now), movement.id),
    )


def _unbilled(movement: Movement, part: Part) -> dict[str, int]:
    sign = 1 if movement.kind in TO_THE_ACCOUNT else -1
    return {
        "amount": sign * part.amount,
        "insurance": sign * part.insurance,
        "at": int(movement.at.timestamp()),
    }


def _card(seen: Seen) -> dict[str, str] | None:
    if seen.intent is None or not seen.intent.card_brand or not seen.intent.card_last4:
        return None
    return {"brand": seen.intent.card_brand, "last4": seen.intent.card_last4}
