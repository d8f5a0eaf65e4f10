"""A client's accounts: linking, the list, names, the primary one, unlinking.

An account may be held by several clients. Proven holders are told of each new one. Nothing but the
number is shown of an account that is not proven, whether the centre knows it or not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.errors import Code, Conflict, NotFound
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.holder import (
    HOLDINGS,
    HeldAccount,
    Holder,
    Holdings,
    held_by,
    held_item,
    holder_item,
    holders_of,
)
from chalicelib.models.mandate import Mandate, mandate_item, retry_item
from chalicelib.observability import count
from chalicelib.rules.balance import Balance
from chalicelib.rules.windows import Window, window_at
from chalicelib.services import cursors
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.balances import balance_of, insurance_available
from chalicelib.services.messages import Message, MessageKind, dispatch, intend
from chalicelib.services.proofs import proven_account
from chalicelib.services.reminder_places import reminder_items
from chalicelib.services.windows import account_window

BATCH: Final = 50
"""Accounts read in one call, each with a mandate."""
TRIES: Final = 8
"""Tries of a change that is decided on a list another change may outdate."""


@dataclass(frozen=True)
class AccountView:
    """An account as one client sees it; `facts` and the rest only when it is proven."""

    number: str
    name: str | None
    primary: bool
    verified: bool
    facts: Account | None = None
    balance: Balance | None = None
    window: Window | None = None
    insurance_available: bool = False
    autopayment: str | None = None
    """The state of the client's own mandate."""


@dataclass(frozen=True)
class AccountsPage:
    """A page of a client's accounts; the totals are over all of them."""

    items: tuple[AccountView, ...]
    next_cursor: str | None
    total_to_pay: int
    all_paid: bool


def list_accounts(client_id: str, limit: int, cursor: str | None) -> AccountsPage:
    """The client's accounts, the primary one first. One query and one batch per fifty accounts."""
    after = cursors.unpack(cursor, 1)
    held, holdings = held_by(client_id)
    numbers = [h.account_number for h in held if h.verified]
    facts, mandates = _known(numbers, client_id)
    now = clock.now()
    views = [
        _view(h, holdings, facts.get(h.account_number), mandates.get(h.account_number), now)
        for h in held
    ]
    views.sort(key=lambda view: not view.primary)
    order = [view.number for view in views]
    start = order.index(after[0]) + 1 if after and after[0] in order else 0
    page = views[start : start + limit]
    more = start + limit < len(views)
    total = sum(view.balance.to_pay for view in views if view.balance)
    return AccountsPage(
        items=tuple(page),
        next_cursor=cursors.pack(page[-1].number) if more else None,
        total_to_pay=total,
        all_paid=total == 0,
    )


def see_account(client_id: str, account_number: str) -> AccountView:
    """One account. One batch. Raises NotFound when the client does not hold it."""
    holder, held, holdings, account, mandate = batch_get(
        [
            holder_key(account_number, client_id),
            (HeldAccount, client_id, held_item(account_number)),
            (Holdings, client_id, HOLDINGS),
            (Account, account_number, ACCOUNT),
            (Mandate, account_number, mandate_item(client_id)),
        ]
    )
    require_holder(holder, verified=False)
    if not isinstance(held, HeldAccount):
        raise NotFound
    return _view(held, holdings, account, mandate, clock.now())


def link_proven(client_id: str, proof_id: str, name: str | None) -> AccountView:
    """Link the account that a proof names. One query, one batch, one transaction, one batch.

    An account that is already linked becomes proven; one that is proven stays as it is. Raises
    Refused `proof_invalid`, Conflict `too_many_holders`.
    """
    at = clock.now()
    number = proven_account(proof_id, client_id, at)
    others = [h for h in holders_of(number) if h.verified and h.client_id != client_id]
    if len(others) >= settings().HOLDERS_PER_ACCOUNT:
        raise Conflict(Code.TOO_MANY_HOLDERS)
    t = Transaction()
    _link(t, client_id, number, name, at, verified=True)
    (account,) = batch_get([(Account, number, ACCOUNT)])
    if isinstance(account, Account):
        for place in reminder_items(account):
            t.put(place.item, place)
    told = [intend(t, _new_holder(h.client_id, client_id, number, at), at) for h in others]
    try:
        t.commit()
    except Refusal as refusal:
        # Proven already, by an earlier or a simultaneous request: the name is all that may change.
        if "holder" not in refusal.labels:
            raise
        _rename(client_id, number, name)
    else:
        dispatch(told)
        count("accounts_linked", verified="yes")
    return _linked(client_id, number)


def link_unproven(client_id: str, account_number: str, name: str | None) -> AccountView:
    """Link a number as it was typed. Two calls. Says nothing of whether the centre knows it."""
    t = Transaction()
    _link(t, client_id, account_number, name, clock.now(), verified=False)
    try:
        t.commit()
    except Refusal as refusal:
        if "holder" not in refusal.labels:
            raise
        _rename(client_id, account_number, name)
    else:
        count("accounts_linked", verified="no")
    return _linked(client_id, account_number)


def change_account(
    client_id: str, account_number: str, *, name: str | None, rename: bool, make_primary: bool
) -> AccountView:
    """Rename the account (None: no name) and make it the primary one. One transaction, one batch.

    Raises NotFound when the client does not hold it.
    """
    holder_key(account_number, client_id)
    held = HeldAccount(client_id, held_item(account_number))
    t = Transaction()
    if rename:
        named = HeldAccount.name.set(name) if name is not None else HeldAccount.name.remove()
        t.update("held", held, [named], HeldAccount.item.exists())
    else:
        t.check("held", held, HeldAccount.item.exists())
    if make_primary:
        t.update(
            "holdings",
            Holdings(client_id, HOLDINGS),
            [Holdings.primary.set(account_number), Holdings.changes.add(1)],
        )
    try:
        t.commit()
    except Refusal as refusal:
        raise NotFound from refusal
    return see_account(client_id, account_number)


def unlink(client_id: str, account_number: str) -> None:
    """Let go of an account; another becomes primary, an automatic payment on it ends.

    One query and one transaction. Raises NotFound when the client does not hold it, Conflict
    `try_again` when the list would not stand still.
    """
    holder_key(account_number, client_id)
    for _ in range(TRIES):
        held, holdings = held_by(client_id)
        others = [h.account_number for h in held if h.account_number != account_number]
        if len(others) == len(held):
            raise NotFound
        t = Transaction()
        t.delete("holder", Holder(account_number, holder_item(client_id)))
        t.delete("held", HeldAccount(client_id, held_item(account_number)))
        _end_autopayment(t, client_id, account_number)
        _leave(t, client_id, account_number, holdings, others)
        try:
            t.commit()
        except Refusal:
            continue  # the list changed meanwhile; look again
        count("accounts_unlinked")
        return
    raise Conflict(Code.TRY_AGAIN)


def _linked(client_id: str, number: str) -> AccountView:
    try:
        return see_account(client_id, number)
    except NotFound as exc:  # let go of at this very moment
        raise Conflict(Code.TRY_AGAIN) from exc


def _link(
    t: Transaction,
    client_id: str,
    number: str,
    name: str | None,
    at: datetime,
    *,
    verified: bool,
) -> None:
    """Both sides of the link and the primary account, with what an earlier link left standing.

    Refused under `holder` when the client already holds it as well or better proven.
    """
    worse = Holder.item.does_not_exist()
    if verified:
        worse |= Holder.verified == False  # noqa: E712 - an expression for DynamoDB
    t.update(
        "holder",
        Holder(number, holder_item(client_id)),
        [
            Holder.client_id.set(client_id),
            Holder.verified.set(verified),
            Holder.since.set(Holder.since | at),
        ],
        worse,
    )
    named = [HeldAccount.name.set(name)] if name is not None else []
    t.update(
        "held",
        HeldAccount(client_id, held_item(number)),
        [
            HeldAccount.account_number.set(number),
            HeldAccount.verified.set(verified),
            HeldAccount.since.set(HeldAccount.since | at),
            *named,
        ],
    )
    t.update(
        "holdings",
        Holdings(client_id, HOLDINGS),
        [Holdings.primary.set(Holdings.primary | number), Holdings.changes.add(1)],
    )


def _new_holder(told: str, joined: str, number: str, at: datetime) -> Message:
    """To those who held the account before: by SMS where no e-mail is confirmed, as it is a warning."""
    return Message(
        kind=MessageKind.NEW_HOLDER,
        client_id=told,
        key=f"{number}/{told}/{joined}/{at.isoformat()}",
        params={"account_number": number, "at": at},
        sms_if_no_email=True,
    )


def _rename(client_id: str, number: str, name: str | None) -> None:
    if name is not None:
        HeldAccount(client_id, held_item(number)).update(
            [HeldAccount.name.set(name)], condition=HeldAccount.item.exists()
        )


def _leave(
    t: Transaction,
    client_id: str,
    number: str,
    holdings: Holdings | None,
    others: list[str],
) -> None:
    """Count the change and hand the first place on, if nothing was linked or unlinked meanwhile."""
    actions: list[Action] = [Holdings.changes.add(1)]
    primary = holdings.primary if holdings else None
    if primary == number:
        actions.append(Holdings.primary.set(others[0]) if others else Holdings.primary.remove())
    seen = int(holdings.changes) if holdings else 0
    unchanged = Holdings.changes == seen
    t.update(
        "holdings",
        Holdings(client_id, HOLDINGS),
        actions,
        unchanged if holdings else unchanged | Holdings.item.does_not_exist(),
    )


def _end_autopayment(t: Transaction, client_id: str, account_number: str) -> None:
    """Without the right to an account there is no mandate on it: both end in one transaction."""
    # By their keys alone: as a `Mandate` it would be held to a version that was not read.
    t.delete("mandate", AccountItem(account_number, mandate_item(client_id)))
    t.delete("retry", AccountItem(account_number, retry_item(client_id)))


def _known(numbers: list[str], client_id: str) -> tuple[dict[str, Account], dict[str, Mandate]]:
    """The accounts, and the client's mandates on them, by number."""
    accounts: dict[str, Account] = {}
    mandates: dict[str, Mandate] = {}
    for start in range(0, len(numbers), BATCH):
        keys: list[tuple[type[Model], str, str | None]] = []
        for number in numbers[start : start + BATCH]:
            keys.append((Account, number, ACCOUNT))
            keys.append((Mandate, number, mandate_item(client_id)))
        for found in batch_get(keys):
            if isinstance(found, Account):
                accounts[found.account_number] = found
            elif isinstance(found, Mandate):
                mandates[found.account_number] = found
    return accounts, mandates


def _view(
    held: HeldAccount,
    holdings: object | None,
    account: object | None,
    mandate: object | None,
    at: datetime,
) -> AccountView:
    number = str(held.account_number)
    primary = isinstance(holdings, Holdings) and holdings.primary == number
    known = account if held.verified and isinstance(account, Account) else None
    return AccountView(
        number=number,
        name=held.name,
        primary=primary,
        verified=bool(held.verified),
        facts=known,
        balance=balance_of(known) if known else None,
        window=window_at(account_window(known), at) if known else None,
        insurance_available=insurance_available(known) if known else False,
        autopayment=mandate.status if known and isinstance(mandate, Mandate) else None,
    )
