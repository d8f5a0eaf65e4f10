"""The calendar, the amounts and the retries of automatic payments. Days are Moscow days.

A mandate has one day of month for ever. In a month that is shorter the last day stands for it, and
the next month has the day again: nothing is ever added to a former date, so nothing drifts.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.rules.periods import period_of, shifted

RETRY_AFTER_DAYS: Final = (1, 3, 5)
"""Days after the first try of a month on which a softly declined charge is tried again."""
ATTEMPTS: Final = 1 + len(RETRY_AFTER_DAYS)
WAITS: Final = 10
"""How often, a day each time, a charge waits for the outcome of another one on the account: longer
than any tries take, and than an outcome stays unknown without a person being told."""
LAST_DAY: Final = 31


def due_on(day: int, month: str) -> date:
    """When a mandate of `day` is due in `month` (`2026-12`): on it, or on the month's last day."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, min(day, calendar.monthrange(year, number)[1]))


def days_due_on(today: date) -> range:
    """The days of month whose mandates are due on `today`: one, on a month's last day up to 31."""
    last = calendar.monthrange(today.year, today.month)[1]
    return range(today.day, (LAST_DAY if today.day == last else today.day) + 1)


def first_month(confirmed_on: date) -> str:
    """The month of the first charge: the one after the card was confirmed."""
    return shifted(period_of(confirmed_on), 1)


def is_due(day: int, first: str, month: str, today: date) -> bool:
    """Whether the charge of `month` may be made on `today`, on its day or late."""
    return month >= first and due_on(day, month) <= today


def next_charge_on(day: int, first: str, done: str | None, today: date) -> date:
    """The next due date from `today` on; `done` is the last month that was dealt with."""
    month = max(first, period_of(today))
    if (done is not None and done >= month) or due_on(day, month) < today:
        month = shifted(month, 1)
    return due_on(day, month)


def missed_days(done_until: date | None, today: date, at_most: int) -> list[date]:
    """The days that a daily run on `today` has to do, oldest first: `today`, always, and those before
    it that no run has done, no more than `at_most` in all.

    `done_until` after `today` means that a clock went back: then `today` is done again.
    """
    first = today if done_until is None else min(done_until + timedelta(days=1), today)
    count = min((today - first).days + 1, at_most)
    return [today - timedelta(days=age) for age in reversed(range(count))]


class Skipped(StrEnum):
    """Why a month's charge is not even tried."""

    NOTHING_TO_PAY = "nothing_to_pay"
    OVER_LIMIT = "over_limit"
    ACCOUNT_NOT_VERIFIED = "account_not_verified"


@dataclass(frozen=True)
class Terms:
    """What was agreed: a fixed `amount`, or (None) the bill `up_to` a limit. Kopecks."""

    amount: int | None
    up_to: int | None


def to_charge(terms: Terms, due: int, maximum: int) -> int | Skipped:
    """Kopecks to charge when `due` kopecks are to be paid, or why nothing is charged.

    A fixed amount is charged as agreed, whatever is due: what is beyond it becomes an advance.
    The bill is charged whole or not at all. Never more than `maximum`.
    """
    amount = due if terms.amount is None else terms.amount
    limit = maximum if terms.amount is not None or terms.up_to is None else terms.up_to
    if amount <= 0:
        return Skipped.NOTHING_TO_PAY
    return Skipped.OVER_LIMIT if amount > min(limit, maximum) else amount


def gives_way(terms: Terms, charged_for: Iterable[str], month: str) -> bool:
    """Whether a charge of `month` waits for those under way on its account, of months `charged_for`.

    Who pays the bill does: what is still due is known when they have ended. A fixed sum is due
    whatever others pay. What has been open since before the last month keeps nobody waiting.
    """
    recent = shifted(month, -1)
    return terms.amount is None and any(each >= recent for each in charged_for)


class Verdict(StrEnum):
    """What a refused charge leads to."""

    RETRY = "retry"
    """The bank may say yes on another day."""
    CONFIRM = "confirm"
    """Only the cardholder can make it pass: a link, no further try."""
    PAUSE = "pause"
    """This card will not pay any more: the mandate waits for another one."""
    GIVE_UP = "give_up"
    """This charge cannot be made, and nothing is wrong with the card: the next month is tried."""


# https://docs.stripe.com/declines/codes (2026-11-23): what each code advises to do next.
_CONFIRM: Final = frozenset(
    {
        "authentication_required",
        "authentication_not_handled",
        "payment_intent_authentication_failure",
        "offline_pin_required",
        "online_or_offline_pin_required",
    }
)
_PAUSE: Final = frozenset(
    {
        "card_not_supported",
        "expired_card",
        "fraudulent",
        "incorrect_cvc",
        "incorrect_number",
        "invalid_account",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "invalid_number",
        "lost_card",
        "merchant_blacklist",
        "new_account_information_available",
        "payment_method_unexpected_state",
        "pickup_card",
        "resource_missing",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "stolen_card",
        "stop_payment_order",
        "transaction_not_allowed",
    }
)
_GIVE_UP: Final = frozenset(
    {"amount_too_large", "amount_too_small", "currency_not_supported", "invalid_amount"}
)


def verdict(code: str) -> Verdict:
    """What the provider's code of a refusal leads to; one that we do not know counts as soft."""
    if code in _CONFIRM:
        return Verdict.CONFIRM
    if code in _PAUSE:
        return Verdict.PAUSE
    return Verdict.GIVE_UP if code in _GIVE_UP else Verdict.RETRY


def next_try_on(first_tried_on: date, attempts: int, today: date) -> date | None:
    """When to try again after `attempts` tries of a month, the first of them on `first_tried_on`.

    None when that was the last. Never before tomorrow, when the former try itself was late.
    """
    if attempts >= ATTEMPTS:
        return None
    planned = first_tried_on + timedelta(days=RETRY_AFTER_DAYS[attempts - 1])
    return max(planned, today + timedelta(days=1))
