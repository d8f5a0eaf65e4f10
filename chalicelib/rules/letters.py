"""What each letter says: the parts of a letter, filled from the catalogue in the reader's language.

One kind, one function. How a letter looks is the templates' matter; both the HTML and the plain
text are made from the same parts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.rules.wording import Words
from chalicelib.shapes import letters as shapes
from chalicelib.shapes.letters import PARAMS, MessageKind

REASONS: Final = frozenset(
    {
        "insufficient_funds",
        "expired_card",
        "authentication_required",
        "provider_unavailable",
        "over_limit",
    }
)
"""Reasons why nothing was charged that have a text of their own."""


@dataclass(frozen=True)
class Row:
    """A fact with its name."""

    label: str
    value: str


@dataclass(frozen=True)
class Entry:
    """A line of a list: what, details under it, a value at the right."""

    title: str
    details: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Button:
    """The one thing to do."""

    label: str
    link: str


@dataclass(frozen=True)
class Letter:
    """A letter in parts, top to bottom."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    entries: tuple[Entry, ...] = ()
    total: Row | None = None
    button: Button | None = None
    notes: tuple[str, ...] = ()


def letter(kind: MessageKind, params: dict[str, Any], words: Words) -> Letter:
    """The letter of `kind`. Raises pydantic.ValidationError when `params` do not fit."""
    return _LETTERS[kind](PARAMS[kind].model_validate(params), words)


def _link_letter(kind: MessageKind) -> Callable[[Any, Words], Letter]:
    def compose(p: shapes.LinkParams, w: Words) -> Letter:
        return Letter(
            subject=w(f"{kind}.subject"),
            heading=w(f"{kind}.heading"),
            paragraphs=(w(f"{kind}.text"),),
            button=Button(w(f"{kind}.button"), p.link),
            notes=(w("link.lives", count=p.hours), w(f"{kind}.not_you")),
        )

    return compose


def _moment_letter(kind: MessageKind) -> Callable[[Any, Words], Letter]:
    def compose(p: shapes.MomentParams, w: Words) -> Letter:
        return Letter(
            subject=w(f"{kind}.subject"),
            heading=w(f"{kind}.heading"),
            paragraphs=(w(f"{kind}.text"),),
            rows=(Row(w("row.when"), w.moment(p.at)),),
            notes=(w(f"{kind}.not_you"),),
        )

    return compose


def _phone_changed(p: shapes.PhoneChangedParams, w: Words) -> Letter:
    return Letter(
        subject=w("phone_changed.subject"),
        heading=w("phone_changed.heading"),
        paragraphs=(w("phone_changed.text"),),
        rows=(Row(w("row.new_phone"), p.phone), Row(w("row.when"), w.moment(p.at))),
        notes=(w("phone_changed.not_you"),),
    )


def _new_sign_in(p: shapes.SignInParams, w: Words) -> Letter:
    return Letter(
        subject=w("new_sign_in.subject"),
        heading=w("new_sign_in.heading"),
        paragraphs=(w("new_sign_in.text"),),
        rows=(Row(w("row.device"), p.device), Row(w("row.when"), w.moment(p.at))),
        notes=(w("new_sign_in.not_you"),),
    )


def _new_holder(p: shapes.NewHolderParams, w: Words) -> Letter:
    return Letter(
        subject=w("new_holder.subject"),
        heading=w("new_holder.heading"),
        paragraphs=(w("new_holder.text"),),
        rows=(*_account(p, w), Row(w("row.when"), w.moment(p.at))),
        notes=(w("new_holder.not_you"),),
    )


def _receipt(p: shapes.ReceiptParams, w: Words) -> Letter:
    card = (Row(w("row.card"), _card(p.card, w)),) if p.card else ()
    return Letter(
        subject=w("receipt.subject", amount=w.money(p.amount)),
        heading=w("receipt.heading"),
        paragraphs=(w("receipt.text"),),
        rows=(
            Row(w("row.paid_at"), w.moment(p.paid_at)),
            *card,
            Row(w("row.payment"), p.payment_id),
        ),
        entries=tuple(_receipt_entry(item, w) for item in p.items),
        total=Row(w("total"), w.money(p.amount)),
        notes=(w("receipt.bill_later"),),
    )


def _receipt_entry(item: shapes.ReceiptItem, w: Words) -> Entry:
    details = [item.address] if item.address else []
    if item.insurance:
        details.append(w("including_insurance", amount=w.money(item.insurance)))
    title = w("account", number=item.account_number)
    return Entry(title, tuple(details), w.money(item.amount))


def _reading_reminder(p: shapes.ReadingReminderParams, w: Words) -> Letter:
    return Letter(
        subject=w("reading_reminder.subject", day=w.day(p.closes_on)),
        heading=w("reading_reminder.heading"),
        paragraphs=(w("reading_reminder.text", day=w.day(p.closes_on)),),
        rows=_account(p, w),
        entries=tuple(Entry(each.service, (w("meter", number=each.number),)) for each in p.meters),
        button=Button(w("reading_reminder.button"), w.page("/readings")),
        notes=(w("reading_reminder.otherwise"),),
    )


def _autopay_active(p: shapes.AutopayActiveParams, w: Words) -> Letter:
    return Letter(
        subject=w("autopay_active.subject"),
        heading=w("autopay_active.heading"),
        paragraphs=(w("autopay_active.text", day=w.day(p.next_charge_on)),),
        rows=(
            *_account(p, w),
            Row(w("row.month_day"), str(p.day)),
            *_agreed(p, w),
            *((Row(w("row.card"), _card(p.card, w)),) if p.card else ()),
        ),
        notes=(w("autopay_active.stop"),),
    )


def _agreed(p: shapes.AutopayActiveParams, w: Words) -> tuple[Row, ...]:
    if p.amount is not None:
        return (Row(w("row.amount"), w.money(p.amount)),)
    bill = Row(w("row.amount"), w("autopay_active.by_bill"))
    return (bill, Row(w("row.up_to"), w.money(p.up_to))) if p.up_to is not None else (bill,)


def _autopay_tomorrow(p: shapes.AutopayTomorrowParams, w: Words) -> Letter:
    limit = p.up_to if p.outcome == "over_limit" else None
    filled = {"amount": w.money(p.amount), "day": w.day(p.charge_on)}
    rows = [*_account(p, w), Row(w("row.charge_on"), w.day(p.charge_on))]
    if p.outcome != "nothing_to_pay":
        rows.append(Row(w("row.to_pay"), w.money(p.amount)))
    if limit is not None:
        rows.append(Row(w("row.up_to"), w.money(limit)))
    if p.card and p.outcome == "will_pay":
        rows.append(Row(w("row.card"), _card(p.card, w)))
    return Letter(
        subject=w(f"autopay_tomorrow.{p.outcome}.subject", **filled),
        heading=w(f"autopay_tomorrow.{p.outcome}.heading"),
        paragraphs=(w(f"autopay_tomorrow.{p.outcome}.text", **filled),),
        rows=tuple(rows),
        button=Button(w("autopay_tomorrow.over_limit.button"), w.public_url)
        if p.outcome == "over_limit"
        else None,
    )


def _autopay_failed(p: shapes.AutopayFailedParams, w: Words) -> Letter:
    if p.next_try_on is not None:
        after = w("autopay_failed.again", day=w.day(p.next_try_on))
    else:
        after = w("autopay_failed.no_more")
    return Letter(
        subject=w("autopay_failed.subject"),
        heading=w("autopay_failed.heading"),
        paragraphs=(w(f"reason.{reason_word(p.reason)}"), after),
        rows=(*_account(p, w), Row(w("row.amount"), w.money(p.amount))),
        button=Button(w("autopay_failed.button"), w.public_url),
    )


def reason_word(reason: str) -> str:
    """The word under which the catalogue explains a refusal; `declined` for those it does not know."""
    return reason if reason in REASONS else "declined"


def _autopay_authentication(p: shapes.AutopayAuthenticationParams, w: Words) -> Letter:
    return Letter(
        subject=w("autopay_authentication.subject"),
        heading=w("autopay_authentication.heading"),
        paragraphs=(w("autopay_authentication.text"),),
        rows=(*_account(p, w), Row(w("row.amount"), w.money(p.amount))),
        button=Button(w("autopay_authentication.button"), p.link),
        notes=(w("autopay_authentication.otherwise"),),
    )


def _autopay_paused(p: shapes.AutopayPausedParams, w: Words) -> Letter:
    return Letter(
        subject=w("autopay_paused.subject"),
        heading=w("autopay_paused.heading"),
        paragraphs=(w(f"autopay_paused.{p.reason}"), w("autopay_paused.text")),
        rows=_account(p, w),
        button=Button(w("autopay_paused.button"), w.page("/payments/autopay")),
    )


def _autopay_cancelled(p: shapes.AccountParams, w: Words) -> Letter:
    return Letter(
        subject=w("autopay_cancelled.subject"),
        heading=w("autopay_cancelled.heading"),
        paragraphs=(w("autopay_cancelled.text"),),
        rows=_account(p, w),
    )


def _connection_accepted(p: shapes.ConnectionAcceptedParams, w: Words) -> Letter:
    address = (Row(w("row.address"), p.address),) if p.address else ()
    return Letter(
        subject=w("connection_accepted.subject", number=p.number),
        heading=w("connection_accepted.heading"),
        paragraphs=(w("connection_accepted.text"),),
        rows=(Row(w("row.application"), p.number), *address),
    )


def _account(p: shapes.AccountParams, w: Words) -> tuple[Row, ...]:
    number = Row(w("row.account"), p.account_number)
    return (number, Row(w("row.address"), p.address)) if p.address else (number,)


def _card(card: shapes.Card, w: Words) -> str:
    return w("card", brand=card.brand.capitalize(), last4=card.last4)


_LETTERS: Final[dict[MessageKind, Callable[[Any, Words], Letter]]] = {
    MessageKind.EMAIL_CONFIRMATION: _link_letter(MessageKind.EMAIL_CONFIRMATION),
    MessageKind.PASSWORD_RESET: _link_letter(MessageKind.PASSWORD_RESET),
    MessageKind.PASSWORD_CHANGED: _moment_letter(MessageKind.PASSWORD_CHANGED),
    MessageKind.PHONE_CHANGED: _phone_changed,
    MessageKind.EMAIL_CHANGED: _moment_letter(MessageKind.EMAIL_CHANGED),
    MessageKind.NEW_SIGN_IN: _new_sign_in,
    MessageKind.NEW_HOLDER: _new_holder,
    MessageKind.RECEIPT: _receipt,
    MessageKind.READING_REMINDER: _reading_reminder,
    MessageKind.AUTOPAY_ACTIVE: _autopay_active,
    MessageKind.AUTOPAY_TOMORROW: _autopay_tomorrow,
    MessageKind.AUTOPAY_FAILED: _autopay_failed,
    MessageKind.AUTOPAY_AUTHENTICATION: _autopay_authentication,
    MessageKind.AUTOPAY_PAUSED: _autopay_paused,
    MessageKind.AUTOPAY_CANCELLED: _autopay_cancelled,
    MessageKind.CONNECTION_ACCEPTED: _connection_accepted,
}
