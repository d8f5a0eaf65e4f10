"""Starting a payment: the person is sent to the provider's page; settling is `settlement.py`'s.

The order is: our intent and the use of the Idempotency-Key in one transaction, then the provider's
page under a key that derives from the payment's id, then the page's address and the kept answer in
one transaction. A crash between any two leaves an intent that a retry under the same key resumes,
or that the schedule ends; the page's address is nobody's before it is stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.exceptions import UpdateError
from pynamodb.models import Model

from chalicelib import clock, texts
from chalicelib.clients import stripe
from chalicelib.clients.stripe import PaymentPage, ProviderRefused, ProviderUnavailable, Session
from chalicelib.config import settings
from chalicelib.errors import Code, Conflict, FieldError, Refused, TooMany, refuse_field
from chalicelib.ids import derived_id, id_at
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Refusal, Transaction, batch_get, condition_failed
from chalicelib.models.holder import held_by
from chalicelib.models.idempotency import DONE, IN_PROGRESS, IdempotencyRecord
from chalicelib.models.limits import Budget
from chalicelib.models.payment import Payment, check_moment, open_shard
from chalicelib.observability import count
from chalicelib.rules import payment_amounts as amounts
from chalicelib.rules import return_urls
from chalicelib.rules.payment_status import Status
from chalicelib.services import idempotency
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.balances import balance_of
from chalicelib.services.idempotency import Ask, Kept
from chalicelib.services.payment_views import shown
from chalicelib.services.provider_view import metadata_of
from chalicelib.shapes.payment_words import ACCOUNTS_IN_ONE_PAYMENT
from chalicelib.shapes.payments import CreatePayment

PAGE_LIVES: Final = timedelta(hours=2)
RESUMED_WITHIN: Final = timedelta(minutes=80)
"""A page must live 30 minutes, and the provider's key must still be in its memory."""
FIRST_CHECK: Final = timedelta(minutes=5)
REPEAT_GUARD: Final = timedelta(minutes=15)
BATCH: Final = 99

CREATED_ANSWER: Final = 201


@dataclass(frozen=True)
class _Line:
    """One account of a payment, priced."""

    account: Account
    part: amounts.Part
    with_insurance: bool
    underpaid: bool


def start(once: Ask, ask: CreatePayment, language: texts.Language) -> Kept:
    """Make a payment and its page; the answer, kept for the same key.

    One batch, two transactions and one call of the provider between them; for all accounts one
    query before. Raises Refused, NotFound, Forbidden `account_not_verified`, Conflict
    (`recent_payment`, `nothing_to_pay`, idempotency), TooMany, ProviderUnavailable.
    """
    if not return_urls.allowed(ask.return_url, settings().RETURN_ORIGINS):
        raise refuse_field("return_url", Code.RETURN_URL_NOT_ALLOWED)
    now = clock.now()
    numbers = _all_verified(once.client_id) if ask.all_accounts else _named(ask)
    record, accounts = _read(once, numbers, holders=not ask.all_accounts)
    kept = idempotency.answer_of(record, once, now)
    if kept is not None:
        return kept
    if record is not None and record.expires_at > now.timestamp() and record.subject:
        resumed = _resume(once, record.subject, now)
        if resumed is not None:
            return resumed
    lines = _all_lines(ask, accounts) if ask.all_accounts else _own_lines(ask, accounts)
    _guard(ask, lines, now)
    payment = _payment(once.client_id, ask, lines, now, language)
    _store(once, payment, now)
    return _open_page(once, payment)


def _named(ask: CreatePayment) -> list[str]:
    return [item.account_number for item in ask.items or ()]


def _all_verified(client_id: str) -> list[str]:
    held, _ = held_by(client_id)
    return [each.account_number for each in held if each.verified]


def _read(
    once: Ask, numbers: list[str], *, holders: bool
) -> tuple[IdempotencyRecord | None, list[Account]]:
    """The key's record and the accounts; with `holders` the caller's right to each is checked."""
    record_key = (IdempotencyRecord, once.client_id, once.item)
    rights = [holder_key(number, once.client_id) for number in numbers] if holders else []
    facts = [(Account, number, ACCOUNT) for number in numbers]
    keys: list[tuple[type[Model], str, str | None]] = [record_key, *rights, *facts]
    found = [
        item
        for first in range(0, len(keys), BATCH)
        for item in batch_get(keys[first : first + BATCH])
    ]
    for right in found[1 : 1 + len(rights)]:
        require_holder(right)
    record = found[0] if isinstance(found[0], IdempotencyRecord) else None
    # A linked account that the billing has not told of yet has nothing to pay.
    accounts = [
        item if isinstance(item, Account) else Account(number, ACCOUNT)
        for number, item in zip(numbers, found[1 + len(rights) :], strict=True)
    ]
    return record, accounts


def _own_lines(ask: CreatePayment, accounts: list[Account]) -> list[_Line]:
    lines = []
    for item, account in zip(ask.items or (), accounts, strict=True):
        now = balance_of(account)
        part = amounts.own_part(now, item.amount, with_insurance=item.with_insurance)
        under = amounts.underpaid(now, item.amount, with_insurance=item.with_insurance)
        lines.append(_Line(account, part, item.with_insurance, under))
    return lines


def _all_lines(ask: CreatePayment, accounts: list[Account]) -> list[_Line]:
    chosen = ask.with_insurance
    parts = [amounts.whole_part(balance_of(a), with_insurance=chosen) for a in accounts]
    lines = [
        _Line(account, part, chosen, underpaid=False)
        for account, part in zip(accounts, parts, strict=True)
        if part.amount
    ]
    if not lines:
        raise Conflict(Code.NOTHING_TO_PAY)
    if len(lines) > ACCOUNTS_IN_ONE_PAYMENT:
        raise Refused(Code.TOO_MANY_ACCOUNTS, limit=ACCOUNTS_IN_ONE_PAYMENT)
    return lines


def _guard(ask: CreatePayment, lines: list[_Line], now: datetime) -> None:
    """Refuse too large a sum, and what was paid minutes ago, by anybody who holds the account."""
    if sum(line.part.amount for line in lines) > settings().PAYMENT_MAXIMUM:
        raise refuse_field("items", Code.OUT_OF_RANGE)
    if ask.confirm_repeat:
        return
    for line in lines:
        if _paid_recently(line.account, line.part.amount, now):
            raise Conflict(Code.RECENT_PAYMENT)


def _paid_recently(account: Account, amount: int, now: datetime) -> bool:
    entries = account.unbilled.as_dict() if account.unbilled else {}  # type: ignore[no-untyped-call]
    since = (now - REPEAT_GUARD).timestamp()
    return any(e.get("at", 0) > since and e["amount"] == amount for e in entries.values())


def _payment(
    client_id: str, ask: CreatePayment, lines: list[_Line], now: datetime, language: texts.Language
) -> Payment:
    payment_id = id_at("pay", now)
    return Payment(
        client_id,
        payment_id,
        kind="checkout",
        status=Status.CREATED.value,
        amount=sum(line.part.amount for line in lines),
        items=[
            {
                "account_number": line.account.account_number,
                "amount": line.part.amount,
                "with_insurance": line.with_insurance,
                "insurance": line.part.insurance,
            }
            for line in lines
        ],
        warnings=["underpayment"] if any(line.underpaid for line in lines) else [],
        created_at=now,
        language=language,
        return_url=ask.return_url,
        open=open_shard(payment_id),
        check_at=check_moment(now + FIRST_CHECK),
    )


def _store(once: Ask, payment: Payment, now: datetime) -> None:
    """The intent and the key's use, together. Raises Conflict, TooMany."""
    t = Transaction()
    record = idempotency.record_of(once, now)
    record.subject = payment.payment_id
    budget = Budget(f"payments#{once.client_id}", settings().PAYMENTS_PER_CLIENT_HOUR)
    t.put("payment", payment, Payment.payment_id.does_not_exist())
    t.put("idempotency", record, idempotency.free(once, now))
    budget.take_in(t, "budget", now)
    try:
        t.commit()
    except Refusal as refusal:
        if "idempotency" in refusal.labels:
            raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS) from refusal
        wait = budget.wait_seconds(now)
        raise TooMany(Code.TOO_MANY_PAYMENTS, retry_after_seconds=wait) from refusal
    count("payments", status=Status.CREATED.value)


def _resume(once: Ask, payment_id: str, now: datetime) -> Kept | None:
    """Go on where a try under this key died; None when it can only be done anew."""
    payment = Payment.get(once.client_id, payment_id, consistent_read=True)
    status = Status(payment.status)
    if status is Status.CREATED and payment.created_at + RESUMED_WITHIN > now:
        return _open_page(once, payment)
    if status is Status.PENDING and payment.checkout_url:
        return _finish(once, payment)
    return None


def _open_page(once: Ask, payment: Payment) -> Kept:
    try:
        page = _page_of(payment)
    except ProviderUnavailable:
        _let_retry(once)
        raise
    except ProviderRefused as exc:
        _close_refused(once, payment, exc)
        if exc.code in ("amount_too_small", "amount_too_large"):
            raise Refused(
                Code.INVALID_REQUEST, errors=(FieldError("items", Code.OUT_OF_RANGE),)
            ) from exc
        raise
    payment.checkout_session_id, payment.checkout_url = page.id, page.url
    return _finish(once, payment)


def _page_of(payment: Payment) -> Session:
    """The provider's page of a payment, made or, if the answer got lost, found again."""
    assert payment.return_url is not None
    back = return_urls.with_query(payment.return_url, payment_id=payment.payment_id)
    page = PaymentPage(
        amount=int(payment.amount),
        product=texts.say(payment.language, "payment_product"),  # type: ignore[arg-type]
        language=payment.language,
        success_url=back,
        cancel_url=return_urls.with_query(back, left="yes"),
        expires_at=payment.created_at + PAGE_LIVES,
        metadata=metadata_of(payment),
    )
    try:
        return stripe.create_payment_session(page, derived_id("page", payment.payment_id))
    except ProviderUnavailable as exc:
        found = find_page(payment) if exc.outcome_unknown else None
        if found is None:
            raise
        return found


def find_page(payment: Payment) -> Session | None:
    """The page whose id we lost, looked for by the payment's own. Makes nothing."""
    made = payment.created_at
    return stripe.find_session(
        payment.payment_id, made - timedelta(minutes=10), made + RESUMED_WITHIN
    )


def _finish(once: Ask, payment: Payment) -> Kept:
    """Store the page's address and keep the answer, together."""
    payment.status = Status.PENDING.value
    kept = Kept(CREATED_ANSWER, shown(payment).model_dump_json())
    t = Transaction()
    t.update(
        "payment",
        payment,
        [
            Payment.status.set(Status.PENDING.value),
            Payment.checkout_session_id.set(payment.checkout_session_id),
            Payment.checkout_url.set(payment.checkout_url),
        ],
        Payment.status.is_in(Status.CREATED.value, Status.PENDING.value),
    )
    t.update(
        "idempotency",
        IdempotencyRecord(once.client_id, once.item),
        [
            IdempotencyRecord.state.set(DONE),
            IdempotencyRecord.status.set(kept.status),
            IdempotencyRecord.body.set(kept.body),
        ],
        IdempotencyRecord.subject == payment.payment_id,
    )
    try:
        t.commit()
    except Refusal as refusal:
        # Another try under the key, or the schedule, was faster: a retry gets what they stored.
        raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS) from refusal
    count("payments", status=Status.PENDING.value)
    return kept


def _let_retry(once: Ask) -> None:
    """Nobody works under the key any more: a retry need not wait for the lease."""
    try:
        IdempotencyRecord(once.client_id, once.item).update(
            [IdempotencyRecord.started_at.set(0)],
            condition=(IdempotencyRecord.state == IN_PROGRESS)
            & (IdempotencyRecord.fingerprint == once.fingerprint),
        )
    except UpdateError as exc:
        if not condition_failed(exc):
            raise
        # A later try under the key got through meanwhile: a retry gets its answer.


def _close_refused(once: Ask, payment: Payment, refused: ProviderRefused) -> None:
    """The provider will not take this payment: it failed, and the key is free again."""
    t = Transaction()
    t.update(
        "payment",
        payment,
        [
            Payment.status.set(Status.FAILED.value),
            Payment.failure.set(refused.code),
            Payment.open.remove(),
            Payment.check_at.remove(),
        ],
        Payment.status == Status.CREATED.value,
    )
    t.delete("idempotency", IdempotencyRecord(once.client_id, once.item))
    try:
        t.commit()
    except Refusal as refusal:
        # Another try under the key, or the schedule, was faster: a retry gets what they stored.
        raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS) from refusal
    count("payments", status=Status.FAILED.value)
