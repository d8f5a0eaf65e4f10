"""What the outcome of a charge leads to: done, another try, a link to confirm, a pause.

Part of the transaction that settles the payment, so an outcome and its consequence are one. A
success, the common case, is written blind; a refusal reads the mandate and repeats its version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pynamodb.expressions.update import Action

from chalicelib import clock, texts
from chalicelib.clients import stripe
from chalicelib.clients.stripe import PaymentPage
from chalicelib.clients.stripe_calls import ProviderRefused
from chalicelib.config import settings
from chalicelib.ids import derived_id, id_at
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import AccountMoney, charge_name, settle_actions
from chalicelib.models.base import Transaction, batch_get
from chalicelib.models.mandate import (
    ACTIVE,
    FAILED,
    PAID,
    PAUSED,
    PENDING,
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
from chalicelib.rules import return_urls
from chalicelib.rules.autopay import Verdict
from chalicelib.rules.payment_status import Status
from chalicelib.services.messages import Message, MessageKind, intend
from chalicelib.services.provider_view import metadata_of

UNKNOWN_REASON: Final = "declined"
CONFIRM_REASON: Final = "authentication_required"
LINK_LIVES: Final = timedelta(hours=23)
"""A page lives 24 hours at most."""
LINK_CHECK: Final = timedelta(minutes=15)
"""After a link went out, when nobody told that it was paid."""


def follow(t: Transaction, payment: Payment, status: Status, failure: str | None) -> list[str]:
    """Add to the transaction that moves `payment` to `status`; ids of messages to dispatch.

    No call for a success; one batch for a refusal, and one call of the provider for a link.
    """
    if status is Status.PAID:
        _paid(t, payment)
    elif status in (Status.FAILED, Status.CANCELLED):
        return _refused(t, payment, failure or payment.failure or UNKNOWN_REASON)
    return []


def charge_of(payment: Payment) -> str | None:
    """The automatic charge that a payment is for, as its account notes it; None for another's."""
    return charge_name(payment.client_id, payment.month) if payment.month else None


def _paid(t: Transaction, payment: Payment) -> None:
    t.update(
        "occurrence",
        _occurrence_of(payment),
        [
            Occurrence.status.set(PAID),
            Occurrence.payment_id.set(payment.payment_id),
            Occurrence.at.set(clock.now()),
            Occurrence.reason.remove(),
            Occurrence.next_try_on.remove(),
        ],
    )
    if Status(payment.status) in (Status.FAILED, Status.CANCELLED):
        # The provider changed its word after we planned to try again: it must not be tried.
        _, _, retry = _standing(payment)
        if retry is not None and retry.month == payment.month:
            t.delete("retry", retry, Retry.month == payment.month)
    count("autopay", outcome="paid")


@dataclass(frozen=True)
class _Refused:
    """One refused charge with what stands around it."""

    payment: Payment
    occurrence: Occurrence
    mandate: Mandate | None
    """None when it has ended meanwhile, or is another agreement."""
    reason: str
    now: datetime


def _refused(t: Transaction, payment: Payment, reason: str) -> list[str]:
    occurrence, mandate, _ = _standing(payment)
    if occurrence is None or occurrence.payment_id != payment.payment_id:
        return []
    if mandate is not None and (
        mandate.status != ACTIVE or mandate.mandate_id != occurrence.mandate_id
    ):
        mandate = None
    was_link = payment.checkout_session_id is not None
    refused = _Refused(
        payment, occurrence, mandate, CONFIRM_REASON if was_link else reason, clock.now()
    )
    verdict = Verdict.GIVE_UP if was_link or mandate is None else rules.verdict(reason)
    count("autopay", outcome=verdict.value)
    if verdict is Verdict.RETRY:
        return _try_again(t, refused)
    if verdict is Verdict.CONFIRM:
        return _ask_to_confirm(t, refused)
    if verdict is Verdict.PAUSE:
        assert mandate is not None
        t.update(
            "mandate",
            mandate,
            [Mandate.status.set(PAUSED), Mandate.reason.set(reason), Mandate.due.remove()],
        )
    return _failed(t, refused)


def _failed(t: Transaction, refused: _Refused, next_try_on: str | None = None) -> list[str]:
    actions = [Occurrence.status.set(FAILED), Occurrence.reason.set(refused.reason)]
    if next_try_on is not None:
        actions.append(Occurrence.next_try_on.set(next_try_on))
    _mark(t, refused, actions)
    account = AccountMoney(refused.payment.account_number, ACCOUNT)
    over = settle_actions({}, charge_of(refused.payment))
    t.update("account:charged", account, over, AccountMoney.item.exists())
    params = {"reason": refused.reason, "next_try_on": next_try_on}
    return [_tell(t, refused, MessageKind.AUTOPAY_FAILED, params)]


def _try_again(t: Transaction, refused: _Refused) -> list[str]:
    payment, occurrence, mandate = refused.payment, refused.occurrence, refused.mandate
    assert mandate is not None
    attempts = int(occurrence.attempt)
    first = datetime.fromisoformat(occurrence.first_tried_on).date()
    on = rules.next_try_on(first, attempts, clock.moscow_day(refused.now))
    if on is None:
        return _failed(t, refused)
    t.check("mandate", mandate, (Mandate.version == mandate.version) & (Mandate.status == ACTIVE))
    t.put(
        "retry",
        Retry(
            mandate.account_number,
            retry_item(payment.client_id),
            mandate_id=mandate.mandate_id,
            month=occurrence.month,
            attempt=attempts + 1,
            on=on.isoformat(),
            due=retry_key(on, mandate.account_number),
        ),
    )
    return _failed(t, refused, on.isoformat())


def _ask_to_confirm(t: Transaction, refused: _Refused) -> list[str]:
    """The bank wants its client: a page to pay this month on, by a link, and no further try."""
    mandate = refused.mandate
    assert mandate is not None
    link = _link_payment(refused)
    try:
        _open_page(link, mandate, refused.now)
    except ProviderRefused:
        return _failed(t, refused)
    t.check("mandate", mandate, (Mandate.version == mandate.version) & (Mandate.status == ACTIVE))
    t.put("link", link, Payment.payment_id.does_not_exist())
    _mark(
        t,
        refused,
        [
            Occurrence.status.set(PENDING),
            Occurrence.reason.set(CONFIRM_REASON),
            Occurrence.payment_id.set(link.payment_id),
        ],
    )
    told = _tell(t, refused, MessageKind.AUTOPAY_AUTHENTICATION, {"link": link.checkout_url})
    return [told]


def _link_payment(refused: _Refused) -> Payment:
    former, now = refused.payment, refused.now
    payment_id = id_at("pay", former.created_at, former.payment_id, "link")
    return Payment(
        former.client_id,
        payment_id,
        kind="autopay",
        status=Status.PENDING.value,
        amount=former.amount,
        items=former.items,
        created_at=now,
        language=former.language,
        account_number=former.account_number,
        month=former.month,
        attempt=former.attempt,
        customer_id=former.customer_id,
        open=open_shard(payment_id),
        check_at=check_moment(now + LINK_CHECK),
    )


def _open_page(link: Payment, mandate: Mandate, now: datetime) -> None:
    # Nobody can pay on it before its address is stored with the payment. The hour makes a repeated
    # step, which has the same payment, ask for the same page under the same key.
    until = now.replace(minute=0, second=0, microsecond=0) + LINK_LIVES
    back = return_urls.with_query(
        mandate.return_url or f"{settings().PUBLIC_URL}/payments/result", payment_id=link.payment_id
    )
    page = stripe.create_payment_session(
        PaymentPage(
            amount=int(link.amount),
            product=texts.say(_language(link), "payment_product"),
            language=link.language,
            success_url=back,
            cancel_url=return_urls.with_query(back, left="yes"),
            expires_at=until,
            metadata=metadata_of(link),
        ),
        derived_id("link", link.payment_id, back, until.isoformat()),
    )
    link.checkout_session_id, link.checkout_url = page.id, page.url


def _language(payment: Payment) -> texts.Language:
    return "en" if payment.language == "en" else "ru"


def _mark(t: Transaction, refused: _Refused, actions: Sequence[Action]) -> None:
    payment_id = refused.payment.payment_id
    t.update(
        "occurrence",
        _occurrence_of(refused.payment),
        [*actions, Occurrence.at.set(refused.now)],
        Occurrence.payment_id == payment_id,
    )


def _tell(t: Transaction, refused: _Refused, kind: MessageKind, params: dict[str, Any]) -> str:
    return intend(
        t,
        Message(
            kind=kind,
            client_id=refused.payment.client_id,
            key=refused.payment.payment_id,
            params={
                "account_number": refused.payment.account_number,
                "amount": int(refused.payment.amount),
                **params,
            },
            sms_if_no_email=kind is MessageKind.AUTOPAY_AUTHENTICATION,
        ),
        refused.now,
    )


def _standing(payment: Payment) -> tuple[Occurrence | None, Mandate | None, Retry | None]:
    number, client_id = payment.account_number, payment.client_id
    occurrence, mandate, retry = batch_get(
        [
            (Occurrence, number, occurrence_item(client_id, payment.month)),
            (Mandate, number, mandate_item(client_id)),
            (Retry, number, retry_item(client_id)),
        ]
    )
    return (
        occurrence if isinstance(occurrence, Occurrence) else None,
        mandate if isinstance(mandate, Mandate) else None,
        retry if isinstance(retry, Retry) else None,
    )


def _occurrence_of(payment: Payment) -> Occurrence:
    return Occurrence(payment.account_number, occurrence_item(payment.client_id, payment.month))
