"""What a message says as an SMS: short, one thought, no link but the bank's.

A segment holds 70 Cyrillic letters (67 when there are several); a text has at most two.
"""

from typing import Any

from chalicelib.rules.letters import reason_word
from chalicelib.rules.wording import Words
from chalicelib.shapes import letters as shapes
from chalicelib.shapes.letters import PARAMS, MessageKind

LETTERS_ONLY = frozenset(
    {
        MessageKind.EMAIL_CONFIRMATION,
        MessageKind.PASSWORD_RESET,
        MessageKind.EMAIL_CHANGED,
        MessageKind.RECEIPT,
    }
)
"""What makes no sense, or is not safe, on a phone."""


def sms(kind: MessageKind, params: dict[str, Any], words: Words) -> str | None:
    """The text; None for a kind that goes by letter only."""
    if kind in LETTERS_ONLY:
        return None
    facts = PARAMS[kind].model_validate(params)
    return words(_name(kind, facts), **_filled(facts, words))


def _name(kind: MessageKind, facts: object) -> str:
    if isinstance(facts, shapes.AutopayTomorrowParams):
        return f"{kind}.{facts.outcome}.sms"
    if isinstance(facts, shapes.AutopayFailedParams):
        again = "again" if facts.next_try_on else "no_more"
        return f"{kind}.{again}.sms"
    return f"{kind}.sms"


def _filled(facts: object, w: Words) -> dict[str, Any]:
    """Every value that a text of this kind may name."""
    filled: dict[str, Any] = {}
    if isinstance(facts, shapes.AccountParams):
        filled["account"] = facts.account_number
    if isinstance(facts, shapes.PhoneChangedParams):
        filled["phone"] = facts.phone
    elif isinstance(facts, shapes.ConnectionAcceptedParams):
        filled["number"] = facts.number
    elif isinstance(facts, shapes.ReadingReminderParams):
        filled["day"] = w.short_day(facts.closes_on)
    elif isinstance(facts, shapes.AutopayActiveParams):
        filled["day"] = w.short_day(facts.next_charge_on)
    elif isinstance(facts, shapes.AutopayTomorrowParams):
        filled |= {"amount": w.plain_money(facts.amount), "day": w.short_day(facts.charge_on)}
    elif isinstance(facts, shapes.AutopayFailedParams):
        filled |= {
            "amount": w.plain_money(facts.amount),
            "reason": w(f"reason.{reason_word(facts.reason)}.short"),
        }
        if facts.next_try_on:
            filled["day"] = w.short_day(facts.next_try_on)
    elif isinstance(facts, shapes.AutopayAuthenticationParams):
        filled |= {"amount": w.plain_money(facts.amount), "link": facts.link}
    return filled
