"""Saved cards: the provider keeps them, we keep only whose customer a client is."""

from pynamodb.exceptions import DoesNotExist

from chalicelib import clock, texts
from chalicelib.clients import stripe_cards
from chalicelib.clients.stripe_cards import Card, SetupPage
from chalicelib.config import settings
from chalicelib.errors import Code, NotFound, TooMany, refuse_field
from chalicelib.ids import new_id
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.limits import Budget
from chalicelib.rules import return_urls
from chalicelib.services import mandate_cards
from chalicelib.services.customers import customer_of, own_card


def list_cards(client_id: str) -> list[Card]:
    """The client's saved cards. One read, one call of the provider; none without a customer."""
    customer_id = _known_customer(client_id)
    return stripe_cards.cards(customer_id) if customer_id else []


def page_to_save_on(client_id: str, return_url: str, language: texts.Language) -> str:
    """The address of the provider's page to save a card on, which nothing is charged on.

    As many an hour as payments may be begun: who tries cards out is stopped. Two writes at most, one
    read, up to two calls of the provider. Raises Refused, TooMany, ProviderUnavailable.
    """
    if not return_urls.allowed(return_url, settings().RETURN_ORIGINS):
        raise refuse_field("return_url", Code.RETURN_URL_NOT_ALLOWED)
    _count_try(client_id)
    page = stripe_cards.create_setup_session(
        SetupPage(
            customer_id=customer_of(client_id),
            language=language,
            success_url=return_url,
            cancel_url=return_urls.with_query(return_url, left="yes"),
            metadata={"client_id": client_id, "stage": settings().STAGE},
        ),
        new_id("set"),
    )
    assert page.url is not None  # it was made just now
    return page.url


def remove_card(client_id: str, card_id: str) -> None:
    """Remove a saved card; automatic payments with it pause. Raises NotFound.

    Whoever is not its owner learns nothing: another's card and no card are one answer.
    """
    customer_id = _known_customer(client_id)
    card = own_card(customer_id, card_id)
    stripe_cards.detach(card.id)
    mandate_cards.card_gone(card.id, client_id)


def _count_try(client_id: str) -> None:
    now = clock.now()
    budget = Budget(f"cards#{client_id}", settings().PAYMENTS_PER_CLIENT_HOUR)
    t = Transaction()
    budget.take_in(t, "budget", now)
    try:
        t.commit()
    except Refusal as refusal:
        wait = budget.wait_seconds(now)
        raise TooMany(Code.TOO_MANY_PAYMENTS, retry_after_seconds=wait) from refusal


def _known_customer(client_id: str) -> str | None:
    try:
        client = Client.get(client_id, PROFILE, consistent_read=True)
    except DoesNotExist as exc:
        raise NotFound from exc
    return client.stripe_customer_id
