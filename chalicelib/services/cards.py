"""Saved cards: the provider keeps them, we keep only whose customer a client is."""

import re
from typing import Final

from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.clients import stripe_cards
from chalicelib.clients.stripe import ProviderAbsent
from chalicelib.clients.stripe_cards import Card
from chalicelib.config import settings
from chalicelib.errors import NotFound
from chalicelib.ids import derived_id
from chalicelib.models.base import condition_failed
from chalicelib.models.client import PROFILE, Client
from chalicelib.services import mandates

TRIES: Final = 4
_CARD_ID: Final = re.compile(r"pm_[0-9A-Za-z_]{1,100}")


class Contended(Exception):
    """The profile changed at every try."""


def list_cards(client_id: str) -> list[Card]:
    """The client's saved cards. One read, one call of the provider; none without a customer."""
    customer_id = _known_customer(client_id)
    return stripe_cards.cards(customer_id) if customer_id else []


def remove_card(client_id: str, card_id: str) -> None:
    """Remove a saved card; automatic payments with it pause. Raises NotFound.

    Whoever is not its owner learns nothing: another's card and no card are one answer.
    """
    customer_id = _known_customer(client_id)
    card = own_card(customer_id, card_id)
    stripe_cards.detach(card.id)
    mandates.card_gone(card.id, client_id)


def own_card(customer_id: str | None, card_id: str) -> Card:
    """The customer's card of this id. One call of the provider. Raises NotFound."""
    if customer_id is None or not _CARD_ID.fullmatch(card_id):
        raise NotFound
    try:
        card = stripe_cards.card(card_id)
    except ProviderAbsent as exc:
        raise NotFound from exc
    if card.customer_id != customer_id:
        raise NotFound
    return card


def customer_of(client_id: str) -> str:
    """The client's customer at the provider, made when there is none. One read; then one write.

    Two at once make one: the provider's key derives from the client's id.
    """
    for _ in range(TRIES):
        client = Client.get(client_id, PROFILE, consistent_read=True)
        if client.stripe_customer_id:
            return client.stripe_customer_id
        made = stripe_cards.create_customer(
            {"client_id": client_id, "stage": settings().STAGE},
            derived_id("customer", settings().STAGE, client_id),
        )
        try:
            client.update([Client.stripe_customer_id.set(made)])
        except UpdateError as exc:
            if not condition_failed(exc):
                raise
        else:
            return made
    raise Contended


def _known_customer(client_id: str) -> str | None:
    try:
        client = Client.get(client_id, PROFILE, consistent_read=True)
    except DoesNotExist as exc:
        raise NotFound from exc
    return client.stripe_customer_id
