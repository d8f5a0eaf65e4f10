"""Saved cards: the provider keeps them, we keep only whose customer a client is."""

from pynamodb.exceptions import DoesNotExist

from chalicelib.clients import stripe_cards
from chalicelib.clients.stripe_cards import Card
from chalicelib.errors import NotFound
from chalicelib.models.client import PROFILE, Client
from chalicelib.services import mandates
from chalicelib.services.customers import own_card


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


def _known_customer(client_id: str) -> str | None:
    try:
        client = Client.get(client_id, PROFILE, consistent_read=True)
    except DoesNotExist as exc:
        raise NotFound from exc
    return client.stripe_customer_id
