"""One month of an automatic payment: decide whether to charge, and claim it.

The claim is one transaction that puts the month's occurrence and the payment: whoever comes second,
for whatever reason, is refused. `autopay_charges.py` then asks the provider for the money.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.ids import id_at
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account, AccountMoney, as_read, charge_actions, charge_name
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.holder import Holder, holder_item
from chalicelib.models.mandate import (
    ACTIVE,
    FAILED,
    PAUSED,
    PENDING,
    SKIPPED,
    Mandate,
    Occurrence,
    Retry,
    mandate_item,
    occurrence_item,
    retry_item,
    retry_key,
)
from chalicelib.models.payment import Payment, check_moment, open_shard
from chalicelib.observability import count
from chalicelib.rules import autopay as rules
from chalicelib.rules.autopay import Skipped, Terms
from chalicelib.rules.payment_amounts import own_part
from chalicelib.rules.payment_status import Status
from chalicelib.services.autopay_charges import charge, resume_old
from chalicelib.services.balances import balance_of
from chalicelib.services.messages import Message, MessageKind, dispatch, intend

TRIES: Final = 4
FIRST_CHECK: Final = timedelta(minutes=5)
"""After a claim, when nobody told of its outcome."""


@dataclass(frozen=True)
class _Due:
    """What is read for one decision."""

    mandate: Mandate
    account: Account
    verified: bool
    month: str
    attempt: int
    planned_on: date
    retry: Retry | None


def charge_month(account_number: str, client_id: str, month: str) -> None:
    """Make the charge of `month`, once, if the mandate is due for it: two round trips and one call.

    Safe to repeat, late, or in parallel. Raises nothing for what the provider says or does not say.
    """
    for _ in range(TRIES):
        mandate, account, holder, _ = _read(account_number, client_id)
        if mandate is None or mandate.status != ACTIVE:
            return
        if not rules.is_due(int(mandate.day), mandate.first_month, month, clock.today()):
            return
        due = _Due(
            mandate=mandate,
            account=account,
            verified=holder is not None and holder.verified,
            month=month,
            attempt=1,
            planned_on=rules.due_on(int(mandate.day), month),
            retry=None,
        )
        if mandate.last_month == month:
            payment_id = payment_id_of(mandate.mandate_id, month, 1, due.planned_on)
            resume_old(client_id, payment_id)
            return
        try:
            _act(due)
        except Refusal as refusal:
            if refusal.labels & {"occurrence", "payment"}:
                return  # another worker has it
            continue  # the mandate changed meanwhile; decide anew
        return
    raise Contended(f"{month}: the mandate changed at every try")


def charge_again(account_number: str, client_id: str) -> None:
    """Make the next try of a refused charge, once, if it is due. Costs as `charge_month`."""
    for _ in range(TRIES):
        mandate, account, holder, retry = _read(account_number, client_id, with_retry=True)
        if retry is None or date.fromisoformat(retry.on) > clock.today():
            return
        if mandate is None or mandate.status != ACTIVE or mandate.mandate_id != retry.mandate_id:
            return  # an ended mandate's; `cancel` or the next retry clears it
        due = _Due(
            mandate=mandate,
            account=account,
            verified=holder is not None and holder.verified,
            month=retry.month,
            attempt=int(retry.attempt),
            planned_on=date.fromisoformat(retry.on),
            retry=retry,
        )
        try:
            _act(due)
        except Refusal as refusal:
            if refusal.labels & {"occurrence", "payment", "retry"}:
                return
            continue
        return
    raise Contended("the mandate changed at every try")


class Contended(Exception):
    """A mandate changed at every try; the message comes again."""


def _read(
    account_number: str, client_id: str, *, with_retry: bool = False
) -> tuple[Mandate | None, Account, Holder | None, Retry | None]:
    keys: list[tuple[type[Model], str, str | None]] = [
        (Mandate, account_number, mandate_item(client_id)),
        (Account, account_number, ACCOUNT),
        (Holder, account_number, holder_item(client_id)),
    ]
    if with_retry:
        keys.append((Retry, account_number, retry_item(client_id)))
    mandate, account, holder, *retry = batch_get(keys)
    return (
        mandate if isinstance(mandate, Mandate) else None,
        # The billing may not have told of it yet.
        account if isinstance(account, Account) else Account(account_number, ACCOUNT),
        holder if isinstance(holder, Holder) else None,
        retry[0] if retry and isinstance(retry[0], Retry) else None,
    )


def amount_of(mandate: Mandate, account: Account) -> int | Skipped:
    """Kopecks that the mandate charges now, or why nothing."""
    if account.version is None:  # the billing has not told of it: money would be booked nowhere
        return Skipped.NOTHING_TO_PAY
    return rules.to_charge(
        terms_of(mandate),
        balance_of(account).due(with_insurance=mandate.with_insurance),
        settings().PAYMENT_MAXIMUM,
    )


def terms_of(mandate: Mandate) -> Terms:
    """What was agreed, in whole kopecks."""
    return Terms(_whole(mandate.amount), _whole(mandate.up_to))


def _act(due: _Due) -> None:
    """Charge, or record why not. Raises Refusal when somebody was faster."""
    if not due.verified:
        _skip(due, Skipped.ACCOUNT_NOT_VERIFIED)
        return
    amount = amount_of(due.mandate, due.account)
    if amount is not Skipped.NOTHING_TO_PAY and _gives_way(due):
        _skip(due, Skipped.NOTHING_TO_PAY, again=_another_day(due))
        return
    if isinstance(amount, Skipped):
        _skip(due, amount)
        return
    payment = _payment(due, amount)
    t = Transaction()
    _claim(t, due, payment)
    t.put("payment", payment, Payment.payment_id.does_not_exist())
    t.commit()
    count("autopay", outcome="claimed")
    charge(payment)


def _gives_way(due: _Due) -> bool:
    months = [name.rpartition("#")[2] for name in due.account.charging or ()]
    return rules.gives_way(terms_of(due.mandate), months, due.month)


def _another_day(due: _Due) -> Retry | None:
    """The same try tomorrow; None when it has waited long enough."""
    waited = int(due.retry.waits) if due.retry else 0
    if waited == rules.WAITS:
        return None
    tomorrow = clock.today() + timedelta(days=1)
    mandate = due.mandate
    return Retry(
        mandate.account_number,
        retry_item(mandate.client_id),
        mandate_id=mandate.mandate_id,
        month=due.month,
        attempt=due.attempt,
        on=tomorrow.isoformat(),
        waits=waited + 1,
        due=retry_key(tomorrow, mandate.account_number),
    )


def _claim(t: Transaction, due: _Due, payment: Payment) -> None:
    """The month is ours: its occurrence, the mandate as it was read, and the account's note of it.

    Whoever pays the bill does so on the account as it was read: of two holders at the same moment
    the second is refused, and sees the first.
    """
    now = clock.now()
    t.update(
        "account",
        AccountMoney(due.mandate.account_number, ACCOUNT),
        charge_actions(charge_name(due.mandate.client_id, due.month)),
        as_read(due.account) if due.mandate.amount is None else AccountMoney.item.exists(),
    )
    if due.retry is None:
        occurrence = _occurrence(due, PENDING)
        occurrence.amount, occurrence.payment_id = payment.amount, payment.payment_id
        occurrence.attempt, occurrence.first_tried_on = 1, clock.moscow_day(now).isoformat()
        t.put("occurrence", occurrence, Occurrence.item.does_not_exist())
        _note_month(t, due)
        return
    _take_retry(t, due)
    t.update(
        "occurrence",
        Occurrence(due.mandate.account_number, _item(due)),
        [
            Occurrence.status.set(PENDING),
            Occurrence.reason.remove(),
            Occurrence.next_try_on.remove(),
            Occurrence.amount.set(payment.amount),
            Occurrence.attempt.set(due.attempt),
            Occurrence.payment_id.set(payment.payment_id),
            Occurrence.first_tried_on.set(
                Occurrence.first_tried_on | clock.moscow_day(now).isoformat()
            ),
            Occurrence.at.set(now),
        ],
        _untried(due),
    )


def _untried(due: _Due) -> Condition:
    """Holds while the occurrence waits for this try."""
    waits: Condition = (Occurrence.attempt == due.attempt - 1) & Occurrence.status.is_in(
        FAILED, SKIPPED
    )
    return waits


def _skip(due: _Due, reason: Skipped, again: Retry | None = None) -> None:
    """Deal with this month without money, for good or until `again`.

    A client who lost the account is not charged again.
    """
    mandate, now = due.mandate, clock.now()
    told: list[str] = []
    t = Transaction()
    next_try_on = again.on if again else None
    if due.retry is None:
        occurrence = _occurrence(due, SKIPPED)
        occurrence.reason, occurrence.next_try_on = reason.value, next_try_on
        t.put("occurrence", occurrence, Occurrence.item.does_not_exist())
        _note_month(t, due, pause=reason is Skipped.ACCOUNT_NOT_VERIFIED)
        if again is not None:
            t.put("retry", again)
    else:
        _take_retry(t, due, pause=reason is Skipped.ACCOUNT_NOT_VERIFIED, again=again)
        t.update(
            "occurrence",
            Occurrence(mandate.account_number, _item(due)),
            [
                Occurrence.status.set(SKIPPED),
                Occurrence.reason.set(reason.value),
                Occurrence.next_try_on.set(next_try_on)
                if next_try_on
                else Occurrence.next_try_on.remove(),
                Occurrence.at.set(now),
            ],
            _untried(due),
        )
    if reason is Skipped.OVER_LIMIT:
        told.append(intend(t, _over_limit(due), now))
    t.commit()
    dispatch(told)
    count("autopay", outcome="waits" if again else reason.value)


def _note_month(t: Transaction, due: _Due, *, pause: bool = False) -> None:
    mandate = due.mandate
    last = max(mandate.last_month or due.month, due.month)
    actions = [Mandate.last_month.set(last), *(_pausing() if pause else [])]
    t.update("mandate", mandate, actions, Mandate.status == ACTIVE)


def _take_retry(
    t: Transaction, due: _Due, *, pause: bool = False, again: Retry | None = None
) -> None:
    retry, mandate = due.retry, due.mandate
    assert retry is not None
    same = (Retry.month == retry.month) & (Retry.attempt == retry.attempt) & (Retry.on == retry.on)
    if again is None:
        t.delete("retry", retry, same)
    else:
        t.put("retry", again, same)
    if pause:
        t.update("mandate", mandate, _pausing(), Mandate.status == ACTIVE)
    else:
        unchanged = (Mandate.version == mandate.version) & (Mandate.status == ACTIVE)
        t.check("mandate", mandate, unchanged)


def _pausing() -> list[Action]:
    return [
        Mandate.status.set(PAUSED),
        Mandate.reason.set(Skipped.ACCOUNT_NOT_VERIFIED.value),
        Mandate.due.remove(),
    ]


def _occurrence(due: _Due, status: str) -> Occurrence:
    mandate = due.mandate
    return Occurrence(
        mandate.account_number,
        _item(due),
        client_id=mandate.client_id,
        mandate_id=mandate.mandate_id,
        month=due.month,
        status=status,
        at=clock.now(),
    )


def _item(due: _Due) -> str:
    return occurrence_item(due.mandate.client_id, due.month)


def _payment(due: _Due, amount: int) -> Payment:
    mandate, now = due.mandate, clock.now()
    part = own_part(balance_of(due.account), amount, with_insurance=mandate.with_insurance)
    payment_id = payment_id_of(mandate.mandate_id, due.month, due.attempt, due.planned_on)
    return Payment(
        mandate.client_id,
        payment_id,
        kind="autopay",
        status=Status.PENDING.value,
        amount=amount,
        items=[
            {
                "account_number": mandate.account_number,
                "amount": part.amount,
                "with_insurance": mandate.with_insurance,
                "insurance": part.insurance,
            }
        ],
        created_at=now,
        language=mandate.language,
        account_number=mandate.account_number,
        month=due.month,
        attempt=due.attempt,
        customer_id=mandate.customer_id,
        card_id=mandate.card_id,
        card_brand=mandate.card_brand,
        card_last4=mandate.card_last4,
        open=open_shard(payment_id),
        check_at=check_moment(now + FIRST_CHECK),
    )


def payment_id_of(mandate_id: str, month: str, attempt: int, planned_on: date) -> str:
    """The one id of an attempt; it sorts among payments by the day on which it was planned."""
    at = datetime.combine(planned_on, time(6), UTC)
    return id_at("pay", at, mandate_id, month, str(attempt))


def _over_limit(due: _Due) -> Message:
    mandate = due.mandate
    to_pay = balance_of(due.account).due(with_insurance=mandate.with_insurance)
    return Message(
        kind=MessageKind.AUTOPAY_FAILED,
        client_id=mandate.client_id,
        key=f"{mandate.mandate_id}/{due.month}/{Skipped.OVER_LIMIT.value}",
        params={
            "account_number": mandate.account_number,
            "amount": to_pay,
            "reason": Skipped.OVER_LIMIT.value,
        },
    )


def _whole(kopecks: float | None) -> int | None:
    return None if kopecks is None else int(kopecks)
