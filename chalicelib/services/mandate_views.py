"""Automatic payments as their clients see them, and where one's mandates are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib import clock
from chalicelib.errors import NotFound
from chalicelib.models.base import batch_get
from chalicelib.models.holder import held_by
from chalicelib.models.mandate import (
    ACTIVE,
    Mandate,
    Occurrence,
    mandate_item,
    newest_occurrence,
    occurrence_item,
)
from chalicelib.rules import autopay as rules
from chalicelib.services.access import holder_key, require_holder

BATCH: Final = 100


@dataclass(frozen=True)
class AutopaymentView:
    """A mandate as its client sees it. `next_charge_on` only while it is active."""

    mandate: Mandate
    last: Occurrence | None
    next_charge_on: date | None


def see(client_id: str, account_number: str) -> AutopaymentView:
    """The caller's automatic payment. One batch, one query. Raises NotFound, Forbidden."""
    return seen(standing(client_id, account_number))


def see_all(client_id: str) -> list[AutopaymentView]:
    """The caller's automatic payments on all proven accounts, ended ones too, oldest link first.

    One query; a batch for the mandates and one for their newest months, per hundred accounts.
    """
    mandates = list(mandates_of(client_id, verified=True))
    newest = _newest_months(mandates)
    return [_view(mandate, newest.get(mandate.account_number)) for mandate in mandates]


def standing(client_id: str, account_number: str) -> Mandate:
    """The caller's mandate for an account. One batch. Raises NotFound, Forbidden."""
    holder, mandate = batch_get(
        [
            holder_key(account_number, client_id),
            (Mandate, account_number, mandate_item(client_id)),
        ]
    )
    require_holder(holder)
    if not isinstance(mandate, Mandate):
        raise NotFound
    return mandate


def mandates_of(client_id: str, *, verified: bool = False) -> Iterator[Mandate]:
    """All of a client's. One query, and one batch per hundred accounts."""
    """The client's mandates, of proven accounts only if asked."""
    held, _ = held_by(client_id)
    numbers = [each.account_number for each in held if each.verified or not verified]
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        for found in batch_get((Mandate, n, mandate_item(client_id)) for n in batch):
            if isinstance(found, Mandate):
                yield found


def _newest_months(mandates: Sequence[Mandate]) -> dict[str, Occurrence]:
    """What became of each mandate's newest month, by account number."""
    dealt_with = [m for m in mandates if m.last_month is not None]
    found: dict[str, Occurrence] = {}
    for start in range(0, len(dealt_with), BATCH):
        for month in batch_get(
            (Occurrence, m.account_number, occurrence_item(m.client_id, m.last_month))
            for m in dealt_with[start : start + BATCH]
        ):
            if isinstance(month, Occurrence):
                found[month.account_number] = month
    return found


def seen(mandate: Mandate) -> AutopaymentView:
    """A mandate as its client sees it. One query."""
    return _view(mandate, newest_occurrence(mandate.account_number, mandate.client_id))


def _view(mandate: Mandate, last: Occurrence | None) -> AutopaymentView:
    """`last`: the newest month on the account, which may be a former agreement's."""
    if last is not None and last.mandate_id != mandate.mandate_id:
        last = None
    return AutopaymentView(mandate, last, next_charge_on(mandate, clock.today()))


def next_charge_on(mandate: Mandate, today: date) -> date | None:
    """When the mandate is charged next, retries aside; None while it is not active."""
    if mandate.status != ACTIVE or mandate.day is None or mandate.first_month is None:
        return None
    done = mandate.last_month
    return rules.next_charge_on(int(mandate.day), mandate.first_month, done, today)


def card_of(mandate: Mandate) -> dict[str, str] | None:
    """The mandate's card as messages show it."""
    if not mandate.card_brand or not mandate.card_last4:
        return None
    return {"brand": mandate.card_brand, "last4": mandate.card_last4}
