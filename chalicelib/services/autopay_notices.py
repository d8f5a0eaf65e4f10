"""The message on the day before a charge: what will be paid, that nothing will, or that it is too much."""

from datetime import date

from chalicelib import clock
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import batch_get
from chalicelib.models.holder import Holder, holder_item
from chalicelib.models.mandate import ACTIVE, Mandate, mandate_item
from chalicelib.rules import autopay as rules
from chalicelib.rules.autopay import Skipped
from chalicelib.rules.periods import period_of
from chalicelib.services.autopay import amount_of
from chalicelib.services.balances import amount_due
from chalicelib.services.mandate_views import card_of
from chalicelib.services.messages import Message, MessageKind, dispatch, intend_alone


def tell_of_tomorrow(account_number: str, client_id: str, on: date) -> None:
    """Tell a mandate's client of the charge of day `on`, once per month. One batch and one write."""
    mandate, account, holder = batch_get(
        [
            (Mandate, account_number, mandate_item(client_id)),
            (Account, account_number, ACCOUNT),
            (Holder, account_number, holder_item(client_id)),
        ]
    )
    if not isinstance(mandate, Mandate) or mandate.status != ACTIVE:
        return
    if not isinstance(holder, Holder) or not holder.verified:
        return
    month = period_of(on)
    if clock.today() >= on or not rules.is_due(int(mandate.day), mandate.first_month, month, on):
        return
    if not isinstance(account, Account):
        account = Account(account_number, ACCOUNT)
    told = intend_alone(_tomorrow(mandate, account, on, month), clock.now())
    dispatch([told])


def _tomorrow(mandate: Mandate, account: Account, on: date, month: str) -> Message:
    amount = amount_of(mandate, account)
    due = amount_due(account, with_insurance=mandate.with_insurance)
    return Message(
        kind=MessageKind.AUTOPAY_TOMORROW,
        client_id=mandate.client_id,
        key=f"{mandate.mandate_id}/{month}",
        params={
            "account_number": mandate.account_number,
            "charge_on": on,
            "outcome": amount.value if isinstance(amount, Skipped) else "will_pay",
            "amount": due if isinstance(amount, Skipped) else amount,
            "up_to": None if mandate.up_to is None else int(mandate.up_to),
            "card": card_of(mandate),
        },
    )
