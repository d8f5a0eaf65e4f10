"""A client as the payment provider's customer, whose cards are saved there."""

import re
from typing import Final

from pynamodb.exceptions import UpdateError

from chalicelib import clock
from chalicelib.clients import stripe_cards
from chalicelib.clients.stripe_calls import ProviderAbsent
from chalicelib.clients.stripe_cards import Card
from chalicelib.config import settings
from chalicelib.errors import NotFound
from chalicelib.ids import derived_id
from chalicelib.models.base import condition_failed
from chalicelib.models.client import PROFILE, Client

TRIES: Final = 4
_CARD_ID: Final = re.compile(r"pm_[0-9A-Za-z_]{1,100}")


class Contended(Exception):
    """The profile changed at every try."""


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
            # The provider keeps its own failures under a key for a day: an hour is long enough to
            # wait, and a customer that was made twice has no cards and does no harm.
            derived_id("customer", settings().STAGE, client_id, f"{clock.now():%Y-%m-%dT%H}"),
        )
        try:
            client.update([Client.stripe_customer_id.set(made)])
        except UpdateError as exc:
            if not condition_failed(exc):
                raise
        else:
            return made
    raise Contended
