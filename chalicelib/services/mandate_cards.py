"""What becomes of a mandate's card at the provider: it was saved, or it was removed."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from chalicelib import clock
from chalicelib.clients import stripe_cards
from chalicelib.config import settings
from chalicelib.errors import Code, Conflict
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.mandate import ACTIVE, PAUSED, WAITING, Mandate
from chalicelib.observability import count, log
from chalicelib.services import mandates
from chalicelib.services.mandate_views import mandates_of
from chalicelib.services.messages import Message, MessageKind, dispatch, intend

TRIES: Final = 4
CARD_REMOVED: Final = "card_removed"


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
        mandates.begin(mandate, card, confirmed_on)
        return True

    _change(metadata["client_id"], begin, mandates.begun)


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
        for mandate in list(mandates_of(client_id)):
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


def _paused(mandate: Mandate) -> Message:
    return Message(
        kind=MessageKind.AUTOPAY_PAUSED,
        client_id=mandate.client_id,
        key=f"{mandate.mandate_id}/{mandate.card_id}",
        params={"account_number": mandate.account_number, "reason": CARD_REMOVED},
    )
