"""Starting a payment: the person is sent to the provider's page; settling is `settlement.py`'s.

The page comes first, then the payment: a page moves no money, and its address is given to nobody
before the payment stands with it, the kept answer and its use of the budget, in one transaction. A
page whose transaction did not commit is nobody's and expires by itself (decision 12).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.models import Model

from chalicelib import clock, texts
from chalicelib.clients import stripe
from chalicelib.clients.stripe import PaymentPage, Session
from chalicelib.clients.stripe_calls import ProviderRefused
from chalicelib.config import settings
from chalicelib.errors import Code, Conflict, Refused, TooMany, refuse_field
from chalicelib.ids import derived_id, id_at
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.holder import held_by
from chalicelib.models.idempotency import DONE, IdempotencyRecord
from chalicelib.models.limits import Budget, Limit
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
FIRST_CHECK: Final = timedelta(minutes=5)
REPEAT_GUARD: Final = timedelta(minutes=15)
BATCH: Final = 99

CREATED_ANSWER: Final = 201


@dataclass(frozen=True)
class _Standing:
    """What is read for one decision. `accounts` in the order of the numbers asked for."""

    record: IdempotencyRecord | None
    used: Limit | None
    accounts: list[Account]


@dataclass(frozen=True)
class _Line:
    """One account of a payment, priced."""

    account: Account
    part: amounts.Part
    with_insurance: bool
    underpaid: bool


def start(once: Ask, ask: CreatePayment, language: texts.Language) -> Kept:
    """Make a page and its payment; the answer, kept for the same key.

    One batch, one call of the provider, one transaction; for all accounts one query before. Raises
    Refused, NotFound, Forbidden `account_not_verified`, Conflict (`recent_payment`,
    `nothing_to_pay`, idempotency), TooMany, ProviderUnavailable.
    """
    if not return_urls.allowed(ask.return_url, settings().RETURN_ORIGINS):
        raise refuse_field("return_url", Code.RETURN_URL_NOT_ALLOWED)
    now = clock.now()
    counter = _budget(once).counter(now)
    numbers = _all_verified(once.client_id) if ask.all_accounts else _named(ask)
    standing = _read(once, counter, numbers, holders=not ask.all_accounts)
    kept = idempotency.answer_of(standing.record, once, now)
    if kept is not None:
        return kept
    price = _all_lines if ask.all_accounts else _own_lines
    lines = price(ask, standing.accounts)
    _guard(ask, lines, now)
    if not _budget(once).has_room(standing.used):
        raise _too_many(now)
    payment = _payment(once.client_id, ask, lines, now, language)
    page = _page_of(payment)
    payment.checkout_session_id, payment.checkout_url = page.id, page.url
    return _store(once, counter, payment, now)


def _budget(once: Ask) -> Budget:
    return Budget(f"payments#{once.client_id}", settings().PAYMENTS_PER_CLIENT_HOUR)


def _named(ask: CreatePayment) -> list[str]:
    return [item.account_number for item in ask.items or ()]


def _all_verified(client_id: str) -> list[str]:
    held, _ = held_by(client_id)
    return [each.account_number for each in held if each.verified]


def _read(once: Ask, counter: str, numbers: list[str], *, holders: bool) -> _Standing:
    """The key's record, the budget, the accounts; with `holders` the right to each is checked."""
    rights = [holder_key(number, once.client_id) for number in numbers] if holders else []
    keys: list[tuple[type[Model], str, str | None]] = [
        (IdempotencyRecord, once.client_id, once.item),
        (Limit, counter, None),
        *rights,
        *((Account, number, ACCOUNT) for number in numbers),
    ]
    record, used, *found = [
        item
        for first in range(0, len(keys), BATCH)
        for item in batch_get(keys[first : first + BATCH])
    ]
    for right in found[: len(rights)]:
        require_holder(right)
    return _Standing(
        record=record if isinstance(record, IdempotencyRecord) else None,
        used=used if isinstance(used, Limit) else None,
        # A linked account that the billing has not told of yet has nothing to pay.
        accounts=[
            item if isinstance(item, Account) else Account(number, ACCOUNT)
            for number, item in zip(numbers, found[len(rights) :], strict=True)
        ],
    )


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
        status=Status.PENDING.value,
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


def _page_of(payment: Payment) -> Session:
    """A page to pay on, the provider's key derived from the payment's id. One call."""
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
    except ProviderRefused as exc:
        if exc.code in ("amount_too_small", "amount_too_large"):
            raise refuse_field("items", Code.OUT_OF_RANGE) from exc
        raise


def _store(once: Ask, counter: str, payment: Payment, now: datetime) -> Kept:
    """The payment with its page, the kept answer and the use of the budget, together.

    The answer of another request under the key when that was faster. Raises Conflict, TooMany.
    """
    kept = Kept(CREATED_ANSWER, shown(payment).model_dump_json())
    record = idempotency.record_of(once, now, state=DONE)
    record.status, record.body = kept.status, kept.body
    t = Transaction()
    t.put("payment", payment, Payment.payment_id.does_not_exist())
    t.put("idempotency", record, idempotency.free(once, now))
    _budget(once).take_in(t, "budget", now, counter)
    try:
        t.commit()
    except Refusal as refusal:
        if "idempotency" in refusal.labels:
            return _faster(once, refusal, now)
        if "budget" in refusal.labels:
            raise _too_many(now) from refusal
        raise
    count("payments", status=Status.PENDING.value)
    return kept


def _faster(once: Ask, refusal: Refusal, now: datetime) -> Kept:
    """What the request that was faster has kept, for the same request. Raises Conflict."""
    raw = refusal.item("idempotency")
    record = IdempotencyRecord.from_raw_data(raw) if raw is not None else None
    kept = idempotency.answer_of(record, once, now)
    if kept is None:  # no item came with the refusal: a retry will see what stands there
        raise Conflict(Code.IDEMPOTENCY_IN_PROGRESS) from refusal
    return kept


def _too_many(now: datetime) -> TooMany:
    return TooMany(Code.TOO_MANY_PAYMENTS, retry_after_seconds=Budget.wait_seconds(now))
