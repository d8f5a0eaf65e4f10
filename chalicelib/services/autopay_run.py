"""One message of handed-out mandates: each is dealt with alone, whatever happens to the others."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from chalicelib.clients import queues
from chalicelib.config import settings
from chalicelib.observability import count, log
from chalicelib.services import autopay, autopay_notices

TIME_FOR_ONE_MS: Final = 75_000
"""The longest that one charge can take: three tries of the provider, each with its time-out."""


class Unfinished(Exception):
    """Some mandates of a message could not be dealt with; it comes again, and the rest is done."""


def run(message: Mapping[str, Any], remaining_ms: Callable[[], float]) -> None:
    """Deal with one message of `autopay_schedule`.

    With too little time left nothing is begun that might be cut off in the middle: the rest goes
    back to the queue. Raises Unfinished after all were tried, NotQueued.
    """
    deal = _what(message)
    failed = 0
    for place, (account_number, client_id) in enumerate(message["mandates"]):
        if place and remaining_ms() < TIME_FOR_ONE_MS:
            rest = message["mandates"][place:]
            queues.send(settings().AUTOPAY_QUEUE, {**message, "mandates": rest})
            count("autopay_handed_back", len(rest))
            break
        try:
            deal(account_number, client_id)
        except Exception:  # noqa: BLE001 - one mandate must not keep a hundred others waiting
            log.exception("autopay failed", extra={"client_id": client_id})
            count("autopay", outcome="error")
            failed += 1
    if failed:
        raise Unfinished(f"{failed} of {len(message['mandates'])}")


def _what(message: Mapping[str, Any]) -> Callable[[str, str], None]:
    if "tell" in message:
        on = date.fromisoformat(message["tell"])
        return lambda number, client_id: autopay_notices.tell_of_tomorrow(number, client_id, on)
    if message.get("again"):
        return autopay.charge_again
    month = str(message["month"])
    return lambda number, client_id: autopay.charge_month(number, client_id, month)
