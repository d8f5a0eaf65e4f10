"""Doors of saved cards: saving, the list, removing."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.services import cards as service
from chalicelib.shapes.payments import CardPage, SaveCard, SavedCard, SavedCards

cards = Blueprint(__name__)


@operation(cards, "GET", "/v1/cards", answers={200: SavedCards}, refusals=(503,))
def list_cards(request: Request[None, None]) -> SavedCards:
    """The client's saved cards, newest first."""
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


@operation(
    cards,
    "POST",
    "/v1/cards",
    body=SaveCard,
    answers={201: CardPage},
    refusals=(422, 429, 503),
    idempotency="accepted",
)
def save_card(request: Request[SaveCard, None]) -> CardPage:
    """Begin to save a card: the answer's `setup_url` is the provider's page to enter it on."""
    url = service.page_to_save_on(
        request.caller.client_id, request.body.return_url, request.language
    )
    return CardPage(setup_url=url)


@operation(cards, "DELETE", "/v1/cards/{card_id}", answers={204: None}, refusals=(503,))
def remove_card(request: Request[None, None], card_id: str) -> Answer:
    """Remove a saved card; automatic payments with it pause."""
    service.remove_card(request.caller.client_id, card_id)
    return Answer(None)
