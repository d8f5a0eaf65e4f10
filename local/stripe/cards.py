"""The test cards, and what each one's bank answers.

Numbers, tokens and answers: https://docs.stripe.com/testing (cards by response, declined payments,
fraudulent disputes, 3D Secure). Any other number is refused, as test mode refuses it.
"""

from dataclasses import dataclass
from enum import Enum

from local.stripe.errors import CardRefused


@dataclass(frozen=True)
class Decline:
    """A bank's refusal: Stripe's code, the bank's reason, the text for the cardholder.

    `advice` is Stripe's hint for a retry: https://docs.stripe.com/declines#retrying-issuer-declines
    """

    code: str
    decline_code: str | None
    message: str
    advice: str | None = None

    def error(self, **details: object) -> CardRefused:
        return CardRefused(
            self.message, self.code, self.decline_code, advice_code=self.advice, **details
        )


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.", "try_again_later")
INSUFFICIENT_FUNDS = Decline(
    "card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later"
)
LOST = Decline("card_declined", "lost_card", "Your card was declined.", "do_not_try_again")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.", "do_not_try_again")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data")
INCORRECT_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "confirm_card_data",
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
INCORRECT_NUMBER = Decline("incorrect_number", None, "Your card number is incorrect.")
BAD_MONTH = Decline("invalid_expiry_month", None, "Your card's expiration month is invalid.")
BAD_YEAR = Decline("invalid_expiry_year", None, "Your card's expiration year is invalid.")
BAD_CVC = Decline("invalid_cvc", None, "Your card's security code is invalid.")


class Authentication(Enum):
    """When the bank asks the cardholder to confirm with 3-D Secure."""

    NEVER = "never"
    UNTIL_SET_UP = "on the page always, off-session only for a card that was not set up"
    ALWAYS = "on every payment, set up or not"


@dataclass(frozen=True)
class Card:
    """One test number and its bank's conduct."""

    number: str
    brand: str = "visa"
    on_check: Decline | None = None
    """The answer when the card is saved; None accepts it."""
    on_charge: Decline | None = None
    """The answer to a payment, after any authentication; None pays."""
    authentication: Authentication = Authentication.NEVER
    disputed: bool = False
    """Whether a fraudulent dispute follows the payment."""

    def needs_authentication(self, *, off_session: bool, set_up: bool) -> bool:
        if self.authentication is Authentication.UNTIL_SET_UP:
            return not (off_session and set_up)
        return self.authentication is Authentication.ALWAYS


def _declined(number: str, answer: Decline) -> Card:
    return Card(number, on_check=answer, on_charge=answer)


_CARDS = [
    Card("4242424242424242"),
    Card("5555555555554444", brand="mastercard"),
    _declined("4000000000000002", GENERIC),
    _declined("4000000000009995", INSUFFICIENT_FUNDS),
    _declined("4000000000009987", LOST),
    _declined("4000000000009979", STOLEN),
    _declined("4000000000000069", EXPIRED),
    _declined("4000000000000127", INCORRECT_CVC),
    _declined("4000000000000119", PROCESSING),
    Card("4000000000000341", on_charge=GENERIC),
    Card("4000002500003155", authentication=Authentication.UNTIL_SET_UP),
    Card("4000002760003184", authentication=Authentication.ALWAYS),
    Card(
        "4000008260003178",
        authentication=Authentication.UNTIL_SET_UP,
        on_charge=INSUFFICIENT_FUNDS,
    ),
    Card("4000000000000259", disputed=True),
]

CARDS = {card.number: card for card in _CARDS}

TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "pm_card_createDispute": "4000000000000259",
}
"""Names that stand for a card wherever a payment method's id may stand."""


def card_numbered(number: str) -> Card:
    """The card of a number, with or without spaces. Raises CardRefused for any other number."""
    card = CARDS.get(number.replace(" ", ""))
    if card is None:
        raise INCORRECT_NUMBER.error(param="number")
    return card
