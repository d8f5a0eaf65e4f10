"""One charge of an automatic payment: decide, claim, charge. The outcome is settled elsewhere.

The claim is one transaction that puts the month's occurrence and the payment: whoever comes second,
for whatever reason, is refused. The provider's key derives from the payment, which derives from
mandate, month and attempt, so a step that is repeated asks for the same charge. What the provider
then says comes as its event, or is found out by reconciliation: an unknown outcome stays open.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib import clock
from chalicelib.clients import stripe, stripe_cards
from chalicelib.clients.stripe import Declined, ProviderRefused, ProviderUnavailable
from chalicelib.clients.stripe_cards import Charge
from chalicelib.config import settings
from chalicelib.ids import derived_id, id_at
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
from chalicelib.observability import count, log
from chalicelib.rules import autopay as rules
from chalicelib.rules.autopay import Skipped, Terms
from chalicelib.rules.payment_amounts import own_part
from chalicelib.rules.payment_status import FINAL, Ending, Status
from chalicelib.services.balances import balance_of
from chalicelib.services.messages import Message, MessageKind, dispatch, intend
from chalicelib.services.provider_view import OFF_SESSION, Seen, metadata_of, seen_of
from chalicelib.services.settlement import settle

TRIES: Final = 4
FIRST_CHECK: Final = timedelta(minutes=5)
"""After a claim, when nobody told of its outcome."""
RESUMED_AFTER: Final = timedelta(minutes=2)
"""A claim that is younger may be under way in another worker."""
KEY_LIVES: Final = timedelta(hours=23)
"""The provider forgets keys after 24 hours; an older charge is only looked for."""
NOT_SENT: Final = "processing_error"
"""Reason of a charge of which the provider never heard."""


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
            _resume_old(due)
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


def charge(payment: Payment) -> None:
    """Ask the provider to charge. One call; repeatable for 23 hours after the claim.

    A refusal that no event will tell of is settled here; what is unknown stays open.
    """
    asked = Charge(
        amount=int(payment.amount),
        customer_id=payment.customer_id,
        card_id=payment.card_id,
        metadata={**metadata_of(payment), OFF_SESSION: "yes"},
    )
    try:
        stripe_cards.charge(asked, derived_id("charge", payment.payment_id))
    except Declined as exc:
        count("autopay", outcome="declined")
        if exc.intent_id is None:
            _end(payment, exc.decline_code or exc.code)
    except ProviderRefused as exc:
        log.warning("charge refused", extra={"payment_id": payment.payment_id, "code": exc.code})
        _end(payment, exc.code)
    except ProviderUnavailable as exc:
        count("autopay", outcome="unknown" if exc.outcome_unknown else "unavailable")
        log.warning("charge unknown", extra={"payment_id": payment.payment_id})


def resume(payment: Payment) -> Seen | None:
    """Find out about a claimed charge whose answer is lost; ask for it again if it was never made.

    First the provider's list, then the same charge under the same key while the provider knows
    keys, at last the certainty that it was not made. One or two calls; None: still unknown.
    Raises ProviderUnavailable.
    """
    now = clock.now()
    since = payment.created_at - timedelta(minutes=10)
    found = stripe_cards.find_charge(payment.customer_id, payment.payment_id, since)
    if found is not None:
        return seen_of(payment.payment_id, stripe.intent(found))
    if payment.created_at + KEY_LIVES <= now:
        return Seen(ending=Ending.DECLINED, refused=NOT_SENT)
    charge(payment)
    return None


def _resume_old(due: _Due) -> None:
    """A message that came again: the charge may have died between its claim and its call."""
    payment_id = payment_id_of(due.mandate.mandate_id, due.month, 1, due.planned_on)
    try:
        payment = Payment.get(due.mandate.client_id, payment_id, consistent_read=True)
    except DoesNotExist:
        return
    if Status(payment.status) in FINAL or payment.payment_intent_id:
        return
    if payment.created_at + RESUMED_AFTER > clock.now():
        return
    try:
        seen = resume(payment)
    except ProviderUnavailable:
        return
    if seen is not None:
        settle(payment.client_id, payment.payment_id, seen)


def _end(payment: Payment, code: str) -> None:
    seen = Seen(ending=Ending.DECLINED, refused=code)
    settle(payment.client_id, payment.payment_id, seen)


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
