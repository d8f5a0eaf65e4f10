"""Doors of saved cards."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.services import cards as service
from chalicelib.shapes.payments import SavedCard, SavedCards

cards = Blueprint(__name__)


@operation(cards, "GET", "/v1/cards", answers={200: SavedCards}, refusals=(503,))
def list_cards(request: Request[None, None]) -> SavedCards:
    """The client's saved cards."""
    return SavedCards(
        items=[
            SavedCard(
                id=card.id,
                brand=card.brand,
                last4=card.last4,
                exp_month=card.exp_month,
                exp_year=card.exp_year,
            )
            for card in service.list_cards(request.caller.client_id)
        ]
    )


@operation(cards, "DELETE", "/v1/cards/{card_id}", answers={204: None}, refusals=(503,))
def remove_card(request: Request[None, None], card_id: str) -> Answer:
    """Remove a saved card; automatic payments with it pause."""
    service.remove_card(request.caller.client_id, card_id)
    return Answer(None)
