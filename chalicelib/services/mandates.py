"""Agreements on automatic payments: making, changing, cancelling.

How they are shown is in `mandate_views.py`, what becomes of their card in `mandate_cards.py`,
charging in `autopay.py`, what a charge's outcome leads to in `autopay_outcomes.py`. Every write
repeats the mandate's version, so of a change and a charge at the same moment one sees the other.
"""

from datetime import date, timedelta
from typing import Final

from chalicelib import clock, texts
from chalicelib.clients import stripe_cards
from chalicelib.clients.stripe_cards import Card, SetupPage
from chalicelib.config import settings
from chalicelib.errors import Code, Conflict, NotFound, refuse_field
from chalicelib.ids import derived_id, new_id
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.mandate import (
    ACTIVE,
    CANCELLED,
    WAITING,
    Mandate,
    Retry,
    due_key,
    mandate_item,
    retry_item,
)
from chalicelib.observability import count
from chalicelib.rules import autopay as rules
from chalicelib.rules import return_urls
from chalicelib.services import customers
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.mandate_views import (
    AutopaymentView,
    card_of,
    next_charge_on,
    seen,
    standing,
)
from chalicelib.services.messages import Message, MessageKind, dispatch, intend
from chalicelib.shapes.autopay import SetAutopayment

TRIES: Final = 4
PAGE_LIVES: Final = timedelta(hours=24)
"""A page to save a card on: https://docs.stripe.com/api/checkout/sessions/create (expires_at)."""
PAGE_LEFT: Final = timedelta(minutes=30)
"""A page that has less time left is not shown again."""


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
            return seen(_agreed(client_id, account_number, mandate, ask, language))
        except Refusal:
            continue  # it changed meanwhile; decide anew
    raise Conflict(Code.TRY_AGAIN)


def cancel(client_id: str, account_number: str) -> AutopaymentView:
    """End an automatic payment: what is not claimed yet will not be charged. Safe to repeat.

    One batch, one transaction, one query. Raises NotFound, Forbidden, Conflict `try_again`.
    """
    for _ in range(TRIES):
        mandate = standing(client_id, account_number)
        if mandate.status == CANCELLED:
            return seen(mandate)
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
        return seen(mandate)
    raise Conflict(Code.TRY_AGAIN)


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
        begin(fresh, card, clock.today())
        _store(fresh, begun(fresh))
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


def begin(mandate: Mandate, card: Card, confirmed_on: date) -> None:
    """The mandate is active from now on, with this card. Not stored."""
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


def begun(mandate: Mandate) -> Message:
    """The message that it is."""
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


def _cancelled(mandate: Mandate) -> Message:
    return Message(
        kind=MessageKind.AUTOPAY_CANCELLED,
        client_id=mandate.client_id,
        key=mandate.mandate_id,
        params={"account_number": mandate.account_number},
    )
