"""One message of handed-out mandates: each is dealt with alone, whatever happens to the others."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from chalicelib.observability import count, log
from chalicelib.services import autopay, autopay_notices


class Unfinished(Exception):
    """Some mandates of a message could not be dealt with; it comes again, and the rest is done."""


def run(message: Mapping[str, Any]) -> None:
    """Deal with one message of `autopay_schedule`. Raises Unfinished after all were tried."""
    deal = _what(message)
    failed = 0
    for account_number, client_id in message["mandates"]:
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
