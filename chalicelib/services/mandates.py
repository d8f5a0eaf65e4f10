"""Automatic payments: what becomes of a saved card. (The rest is being built.)"""

from chalicelib.observability import log


def card_confirmed(setup_intent_id: str) -> None:
    """A set-up of a card ended, well or not: look at it and act. Safe to repeat."""
    log.info("set-up seen", extra={"object_id": setup_intent_id})


def card_gone(card_id: str, client_id: str) -> None:
    """A client's saved card was removed: whatever is paid with it pauses. Safe to repeat."""
    log.info("card gone", extra={"object_id": card_id, "client_id": client_id})
