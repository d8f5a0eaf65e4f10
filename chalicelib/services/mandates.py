"""Agreements on automatic payments: making, changing, cancelling, and what becomes of their card.

Charging is in `autopay.py`, what a charge's outcome leads to in `autopay_outcomes.py`. Every write
repeats the mandate's version, so of a change and a charge at the same moment one sees the other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib import clock, texts
from chalicelib.clients import stripe_cards
from chalicelib.clients.stripe_cards import Card, SetupPage
from chalicelib.config import settings
from chalicelib.errors import Code, Conflict, NotFound, refuse_field
from chalicelib.ids import derived_id, new_id
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.holder import held_by
from chalicelib.models.mandate import (
    ACTIVE,
    CANCELLED,
    PAUSED,
    WAITING,
    Mandate,
    Occurrence,
    Retry,
    due_key,
    mandate_item,
    newest_occurrence,
    occurrence_item,
    retry_item,
)
from chalicelib.observability import count, log
from chalicelib.rules import autopay as rules
from chalicelib.rules import return_urls
from chalicelib.services import customers
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.messages import Message, MessageKind, dispatch, intend
from chalicelib.shapes.autopay import SetAutopayment

TRIES: Final = 4
BATCH: Final = 100
PAGE_LIVES: Final = timedelta(hours=24)
"""A page to save a card on: https://docs.stripe.com/api/checkout/sessions/create (expires_at)."""
PAGE_LEFT: Final = timedelta(minutes=30)
"""A page that has less time left is not shown again."""
CARD_REMOVED: Final = "card_removed"


@dataclass(frozen=True)
class AutopaymentView:
    """A mandate as its client sees it. `next_charge_on` only while it is active."""

    mandate: Mandate
    last: Occurrence | None
    next_charge_on: date | None


def see(client_id: str, account_number: str) -> AutopaymentView:
    """The caller's automatic payment. One batch, one query. Raises NotFound, Forbidden."""
    return _seen(_standing(client_id, account_number))


def see_all(client_id: str) -> list[AutopaymentView]:
    """The caller's automatic payments on all proven accounts, ended ones too, oldest link first.

    One query; a batch for the mandates and one for their newest months, per hundred accounts.
    """
    mandates = list(_mandates_of(client_id, verified=True))
    newest = _newest_months(mandates)
    return [_view(mandate, newest.get(mandate.account_number)) for mandate in mandates]


def agree(
    client_id: str, account_number: str, ask: SetAutopayment, language: texts.Language
) -> AutopaymentView:
    """Set up an automatic payment, or change its terms or its card. Repeating it changes nothing.

    Without a saved card the answer has a page to save one on. One batch, at most two writes, for a
    new card two reads and up to two calls of the provider, and one query. Raises NotFound,
    Forbidden, Refused, ProviderUnavailable, Conflict `try_again`.
    """
    if ask.return_url is not None and not return_urls.allowed(
        ask.return_url, settings().RETURN_ORIGINS
    ):
        raise refuse_field("return_url", Code.RETURN_URL_NOT_ALLOWED)
    for _ in range(TRIES):
        holder, found = batch_get(
            [
                holder_key(account_number, client_id),
                (Mandate, account_number, mandate_item(client_id)),
            ]
        )
        require_holder(holder)
        mandate = found if isinstance(found, Mandate) else None
        try:
            return _seen(_agreed(client_id, account_number, mandate, ask, language))
        except Refusal:
            continue  # it changed meanwhile; decide anew
    raise Conflict(Code.TRY_AGAIN)


def cancel(client_id: str, account_number: str) -> AutopaymentView:
    """End an automatic payment: what is not claimed yet will not be charged. Safe to repeat.

    One batch, one transaction, one query. Raises NotFound, Forbidden, Conflict `try_again`.
    """
    for _ in range(TRIES):
        mandate = _standing(client_id, account_number)
        if mandate.status == CANCELLED:
            return _seen(mandate)
        was_running = mandate.status != WAITING
        mandate.status, mandate.due, mandate.setup_url = CANCELLED, None, None
        t = Transaction()
        t.put("mandate", mandate)
        t.delete("retry", Retry(account_number, retry_item(client_id)))
        now = clock.now()
        told = [intend(t, _cancelled(mandate), now)] if was_running else []
        try:
            t.commit()
        except Refusal:
            continue
        dispatch(told)
        count("autopay", outcome="cancelled")
        return _seen(mandate)
    raise Conflict(Code.TRY_AGAIN)


def card_confirmed(setup_intent_id: str, at: datetime | None = None) -> None:
    """A set-up of a card ended, well or not: with a card, the mandate that waits for it begins.

    `at`: when the provider says it happened; the day of month is that moment's. Safe to repeat,
    late, or in any order. One call of the provider; one query, one batch, one transaction.
    """
    setup = stripe_cards.setup(setup_intent_id)
    metadata = setup.metadata
    if metadata.get("stage") != settings().STAGE or "mandate_id" not in metadata:
        # Another stage's, or a card that was saved for nothing in particular.
        log.info("no mandate of this stage", extra={"object_id": setup_intent_id})
        return
    if setup.status != "succeeded" or setup.card is None or setup.card.customer_id is None:
        return  # not saved, or removed again before we looked
    card, confirmed_on = setup.card, clock.moscow_day(at or clock.now())

    def begin(mandate: Mandate) -> bool:
        if mandate.mandate_id != metadata["mandate_id"] or mandate.status != WAITING:
            return False
        _begin(mandate, card, confirmed_on)
        return True

    _change(metadata["client_id"], begin, _begun)


def card_gone(card_id: str, client_id: str) -> None:
    """A client's saved card was removed: whatever is paid with it pauses. Safe to repeat.

    One query, one batch, and a transaction per mandate that pauses.
    """

    def pause(mandate: Mandate) -> bool:
        if mandate.card_id != card_id or mandate.status != ACTIVE:
            return False
        mandate.status, mandate.reason, mandate.due = PAUSED, CARD_REMOVED, None
        return True

    _change(client_id, pause, _paused)


def _change(
    client_id: str,
    apply: Callable[[Mandate], bool],
    message: Callable[[Mandate], Message],
) -> None:
    """Change those of a client's mandates that `apply` changes, and tell the client."""
    for _ in range(TRIES):
        contended = False
        for mandate in list(_mandates_of(client_id)):
            if not apply(mandate):
                continue
            t = Transaction()
            t.put("mandate", mandate)
            told = intend(t, message(mandate), clock.now())
            try:
                t.commit()
            except Refusal:
                contended = True
                continue
            dispatch([told])
            count("autopay", outcome=mandate.status)
        if not contended:
            return
    raise Conflict(Code.TRY_AGAIN)


def _mandates_of(client_id: str, *, verified: bool = False) -> Iterator[Mandate]:
    """The client's mandates, of proven accounts only if asked."""
    held, _ = held_by(client_id)
    numbers = [each.account_number for each in held if each.verified or not verified]
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        for found in batch_get((Mandate, n, mandate_item(client_id)) for n in batch):
            if isinstance(found, Mandate):
                yield found


def _newest_months(mandates: Sequence[Mandate]) -> dict[str, Occurrence]:
    """What became of each mandate's newest month, by account number."""
    dealt_with = [m for m in mandates if m.last_month is not None]
    found: dict[str, Occurrence] = {}
    for start in range(0, len(dealt_with), BATCH):
        for month in batch_get(
            (Occurrence, m.account_number, occurrence_item(m.client_id, m.last_month))
            for m in dealt_with[start : start + BATCH]
        ):
            if isinstance(month, Occurrence):
                found[month.account_number] = month
    return found


def _standing(client_id: str, account_number: str) -> Mandate:
    holder, mandate = batch_get(
        [
            holder_key(account_number, client_id),
            (Mandate, account_number, mandate_item(client_id)),
        ]
    )
    require_holder(holder)
    if not isinstance(mandate, Mandate):
        raise NotFound
    return mandate


def _agreed(
    client_id: str,
    account_number: str,
    mandate: Mandate | None,
    ask: SetAutopayment,
    language: texts.Language,
) -> Mandate:
    """Bring the mandate to what is asked. Raises Refusal when it changed meanwhile."""
    if mandate is not None and mandate.status == ACTIVE:
        return _changed(mandate, ask)
    if ask.card_id is not None:
        customer_id = customers.customer_of(client_id)
        card = _own_card(customer_id, ask.card_id)
        fresh = _fresh(client_id, account_number, mandate, ask, language)
        fresh.customer_id = customer_id
        _begin(fresh, card, clock.today())
        _store(fresh, _begun(fresh))
        return fresh
    if ask.return_url is None:
        raise refuse_field("return_url", Code.FIELD_REQUIRED)
    return _waiting(client_id, account_number, mandate, ask, language)


def _changed(mandate: Mandate, ask: SetAutopayment) -> Mandate:
    """New terms of an active mandate; another card takes over on the same day of month."""
    before = _terms(mandate), mandate.card_id
    _take_terms(mandate, ask)
    if ask.card_id is not None and ask.card_id != mandate.card_id:
        assert mandate.customer_id is not None
        _take_card(mandate, _own_card(mandate.customer_id, ask.card_id))
    if (_terms(mandate), mandate.card_id) != before:
        _store(mandate)
        count("autopay", outcome="changed")
    return mandate


def _waiting(
    client_id: str,
    account_number: str,
    mandate: Mandate | None,
    ask: SetAutopayment,
    language: texts.Language,
) -> Mandate:
    """A mandate with a page to save a card on: our intent, the page, its address."""
    now = clock.now()
    waits = mandate is not None and mandate.status == WAITING
    if mandate is None or not waits:
        mandate = _fresh(client_id, account_number, mandate, ask, language)
        mandate.customer_id = customers.customer_of(client_id)
    same_page = mandate.return_url == ask.return_url and mandate.language == language
    open_still = mandate.setup_until is not None and mandate.setup_until > now + PAGE_LEFT
    before = _terms(mandate)
    _take_terms(mandate, ask)
    if waits and same_page and open_still and mandate.setup_url:
        if _terms(mandate) != before:
            _store(mandate)
        return mandate
    # Always a new page: one whose address got lost is nobody's, and the provider may keep its own
    # failure under the former key for a day.
    mandate.setup_number = int(mandate.setup_number) + 1
    mandate.return_url, mandate.language = ask.return_url, language
    mandate.setup_url, mandate.setup_until = None, now + PAGE_LIVES
    _store(mandate)
    mandate.setup_url = _page_of(mandate)
    _store(mandate)
    count("autopay", outcome="page")
    return mandate


def _page_of(mandate: Mandate) -> str:
    assert mandate.return_url is not None
    assert mandate.customer_id is not None
    page = stripe_cards.create_setup_session(
        SetupPage(
            customer_id=mandate.customer_id,
            language=mandate.language,
            success_url=mandate.return_url,
            cancel_url=return_urls.with_query(mandate.return_url, left="yes"),
            metadata={
                "mandate_id": mandate.mandate_id,
                "client_id": mandate.client_id,
                "stage": settings().STAGE,
            },
        ),
        derived_id("setup", mandate.mandate_id, str(int(mandate.setup_number))),
    )
    assert page.url is not None  # a page that was just made, or made under this key today
    return page.url


def _fresh(
    client_id: str,
    account_number: str,
    former: Mandate | None,
    ask: SetAutopayment,
    language: texts.Language,
) -> Mandate:
    """A new agreement in the place of a former one that has ended, paused or never began."""
    mandate = Mandate(
        account_number,
        mandate_item(client_id),
        mandate_id=new_id("man"),
        client_id=client_id,
        status=WAITING,
        return_url=ask.return_url,
        language=language,
        last_month=former.last_month if former else None,
        created_at=clock.now(),
    )
    if former is not None:
        mandate.version = former.version
    _take_terms(mandate, ask)
    return mandate


def _take_terms(mandate: Mandate, ask: SetAutopayment) -> None:
    mandate.amount, mandate.up_to = ask.amount, ask.up_to
    mandate.with_insurance = ask.with_insurance


def _terms(mandate: Mandate) -> tuple[float | None, float | None, bool]:
    return mandate.amount, mandate.up_to, mandate.with_insurance


def _take_card(mandate: Mandate, card: Card) -> None:
    mandate.card_id, mandate.card_brand, mandate.card_last4 = card.id, card.brand, card.last4
    if card.customer_id is not None:
        mandate.customer_id = card.customer_id


def _begin(mandate: Mandate, card: Card, confirmed_on: date) -> None:
    _take_card(mandate, card)
    mandate.status, mandate.reason = ACTIVE, None
    mandate.day, mandate.first_month = confirmed_on.day, rules.first_month(confirmed_on)
    mandate.setup_url = mandate.setup_until = None
    mandate.due = due_key(confirmed_on.day, mandate.account_number)


def _store(mandate: Mandate, message: Message | None = None) -> None:
    """Write the mandate whole, if it is as it was read. Raises Refusal."""
    t = Transaction()
    t.put("mandate", mandate)
    told = [intend(t, message, clock.now())] if message is not None else []
    t.commit()
    dispatch(told)
    if message is not None:
        count("autopay", outcome=mandate.status)


def _own_card(customer_id: str, card_id: str) -> Card:
    try:
        return customers.own_card(customer_id, card_id)
    except NotFound as exc:
        raise refuse_field("card_id", Code.CARD_UNKNOWN) from exc


def _seen(mandate: Mandate) -> AutopaymentView:
    return _view(mandate, newest_occurrence(mandate.account_number, mandate.client_id))


def _view(mandate: Mandate, last: Occurrence | None) -> AutopaymentView:
    """`last`: the newest month on the account, which may be a former agreement's."""
    if last is not None and last.mandate_id != mandate.mandate_id:
        last = None
    return AutopaymentView(mandate, last, next_charge_on(mandate, clock.today()))


def next_charge_on(mandate: Mandate, today: date) -> date | None:
    """When the mandate is charged next, retries aside; None while it is not active."""
    if mandate.status != ACTIVE or mandate.day is None or mandate.first_month is None:
        return None
    done = mandate.last_month
    return rules.next_charge_on(int(mandate.day), mandate.first_month, done, today)


def card_of(mandate: Mandate) -> dict[str, str] | None:
    """The mandate's card as messages show it."""
    if not mandate.card_brand or not mandate.card_last4:
        return None
    return {"brand": mandate.card_brand, "last4": mandate.card_last4}


def _begun(mandate: Mandate) -> Message:
    return Message(
        kind=MessageKind.AUTOPAY_ACTIVE,
        client_id=mandate.client_id,
        key=mandate.mandate_id,
        params={
            "account_number": mandate.account_number,
            "day": int(mandate.day or 0),
            "next_charge_on": next_charge_on(mandate, clock.today()),
            "amount": mandate.amount,
            "up_to": mandate.up_to,
            "card": card_of(mandate),
        },
    )


def _paused(mandate: Mandate) -> Message:
    return Message(
        kind=MessageKind.AUTOPAY_PAUSED,
        client_id=mandate.client_id,
        key=f"{mandate.mandate_id}/{mandate.card_id}",
        params={"account_number": mandate.account_number, "reason": CARD_REMOVED},
    )


def _cancelled(mandate: Mandate) -> Message:
    return Message(
        kind=MessageKind.AUTOPAY_CANCELLED,
        client_id=mandate.client_id,
        key=mandate.mandate_id,
        params={"account_number": mandate.account_number},
    )
