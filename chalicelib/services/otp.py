"""One-time codes by SMS: one current challenge per phone, every limit a condition of the write.

Known and unknown phones take the same path and the same one write. What an attempt may cost is
counted before anything is compared, so parallel guesses are never more comparisons than allowed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.clients.twilio import SmsRefused, SmsUnknown, send_sms
from chalicelib.config import settings
from chalicelib.errors import Code, Gone, Refused, TooMany, Unavailable
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.conditional import update_alone
from chalicelib.models.limits import AtMost, Budget, Ring
from chalicelib.models.login import Login, NewChallenge
from chalicelib.observability import count, log
from chalicelib.rules import otp, phones
from chalicelib.rules.otp import Challenge
from chalicelib.services import tokens
from chalicelib.services.origins import Origin
from chalicelib.texts import say

SIGN_IN: Final = "sign_in"
SENDS: Final = Ring(
    "s",
    AtMost(1, otp.RESEND_AFTER),
    AtMost(otp.SENDS_PER_HOUR, timedelta(hours=1)),
    AtMost(otp.SENDS_PER_DAY, timedelta(days=1)),
)
WRONG: Final = Ring("w", AtMost(otp.WRONG_PER_HOUR, timedelta(hours=1)))


@dataclass(frozen=True)
class SentCode:
    """A challenge under way and whose phone it goes to (E.164)."""

    challenge: Challenge
    phone: str


def phone_login(phone: str) -> str:
    """The key of a phone's identity. Takes E.164."""
    return f"phone#{_phone_hash(phone)}"


def new_phone_purpose(client_id: str) -> str:
    """The purpose of a code that proves a client's new phone; good for nobody else."""
    return f"new_phone:{client_id}"


def send(
    typed: str, purpose: str, origin: Origin, at: datetime, given: dict[str, Any] | None = None
) -> SentCode:
    """Make the phone's next challenge and send its code: one write, one SMS.

    Raises Refused for a phone that cannot be one of ours, TooMany at a limit, Unavailable when
    the SMS was surely not sent and trying again can help.
    """
    phone = phones.canonical(typed, frozenset(settings().PHONE_REGIONS.split(",")))
    challenge = Challenge(_phone_hash(phone), secrets.token_hex(16))
    code = f"{secrets.randbelow(10**otp.DIGITS):0{otp.DIGITS}d}"
    stored = NewChallenge(
        phone=phone,
        nonce=challenge.nonce,
        code_hash=_code_hash(challenge, purpose, code),
        purpose=purpose,
        expires_at=at + otp.LIFETIME,
        given=given,
    )
    t = Transaction()
    t.update(
        "login", _login(challenge), [*Login.begin(stored, at), *SENDS.push(at)], SENDS.room(at)
    )
    _address_budget(origin).take_in(t, "address", at)
    Budget("sms", settings().OTP_SENDS_PER_HOUR).take_in(t, "all", at)
    try:
        t.commit()
    except Refusal as refusal:
        raise _too_many(refusal, at) from refusal
    _text(phone, code, origin)
    return SentCode(challenge, phone)


def attempt(challenge: Challenge, code: str, purpose: str, at: datetime) -> Login:
    """Count a try, then compare: one write. The phone's item when the code is right.

    The right try still counts until `settle` takes it back with the challenge. Raises Refused
    (`otp_code_wrong`), Gone (`otp_challenge_gone`) or TooMany.
    """
    usable = Login.open_to_guesses(challenge.nonce, purpose, otp.GUESSES, at)
    try:
        raw = update_alone(
            "login",
            _login(challenge),
            [Login.guesses.add(1), *WRONG.push(at)],
            usable & WRONG.room(at),
        )
    except Refusal as refusal:
        raise _not_tried(refusal.item("login"), challenge, purpose, at) from refusal
    login = Login.from_raw_data(raw)
    if tokens.same(_code_hash(challenge, purpose, otp.digits(code)), login.code_hash or ""):
        return login
    left = otp.GUESSES - int(login.guesses or 0)
    count("sign_ins", method="otp", outcome="wrong")
    raise Refused(Code.OTP_CODE_WRONG, extra={"attempts_left": left}, count=left)


def settle(
    t: Transaction, challenge: Challenge, owner: str | None, claim_for: str | None = None
) -> None:
    """Add to `t`, as `login`: the challenge is used, and its right try was no wrong one.

    Refuses a second use, and when the phone is no longer `owner`'s (None: nobody's).
    `claim_for` makes the phone that client's.
    """
    owned = Login.client_id == owner if owner is not None else Login.client_id.does_not_exist()
    t.update(
        "login",
        _login(challenge),
        [
            *Login.end_challenge(),
            *WRONG.pop(),
            *(Login.claim(claim_for) if claim_for is not None else []),
        ],
        (Login.nonce == challenge.nonce) & owned,
    )


def take_back(challenge: Challenge) -> None:
    """Uncount a right try, so that the challenge stays as usable as before. One write."""
    try:
        update_alone(
            "login",
            _login(challenge),
            [Login.guesses.add(-1), *WRONG.pop()],
            (Login.nonce == challenge.nonce) & (Login.guesses > 0),
        )
    except Refusal:
        log.info("a challenge ended before its try was taken back")


def gone() -> Gone:
    """The refusal of a challenge that is used, over, exhausted, replaced or never was."""
    return Gone(Code.OTP_CHALLENGE_GONE)


def _not_tried(
    item: dict[str, Any] | None, challenge: Challenge, purpose: str, at: datetime
) -> Exception:
    standing = Login.from_raw_data(item) if item else None
    if (
        standing is None
        or standing.nonce != challenge.nonce
        or standing.purpose != purpose
        or (standing.expires_at or 0) <= int(at.timestamp())
        or (standing.guesses or 0) >= otp.GUESSES
    ):
        return gone()
    return TooMany(Code.TOO_MANY_ATTEMPTS, retry_after_seconds=WRONG.wait_seconds(item, at))


def _too_many(refusal: Refusal, at: datetime) -> TooMany:
    if "login" in refusal.labels:
        wait = max(1, SENDS.wait_seconds(refusal.item("login"), at))
        if wait <= otp.RESEND_AFTER.total_seconds():
            return TooMany(Code.OTP_RESEND_TOO_EARLY, retry_after_seconds=wait, count=wait)
        return TooMany(Code.OTP_LIMIT_REACHED, retry_after_seconds=wait)
    count("sms_budget_refusals", budget="address" if "address" in refusal.labels else "all")
    return TooMany(Code.TOO_MANY_REQUESTS, retry_after_seconds=Budget.wait_seconds(at))


def _text(phone: str, code: str, origin: Origin) -> None:
    try:
        send_sms(phone, say(origin.language, "sms.code", code=code))
    except SmsRefused as exc:
        count("sms", outcome="refused")
        log.warning("sms refused", extra={"twilio_error": exc.number})
        if not exc.permanent:
            wait = int(otp.RESEND_AFTER.total_seconds())
            raise Unavailable(Code.TRY_AGAIN, retry_after_seconds=wait) from exc
        # A phone that Twilio will not serve gets the same answer as any other.
    except SmsUnknown:
        count("sms", outcome="unknown")
        log.warning("sms outcome unknown")
    else:
        count("sms", outcome="sent")


def _address_budget(origin: Origin) -> Budget:
    name = tokens.keyed_hash("address", otp.household(origin.address))[:32]
    return Budget(f"sms#{name}", settings().OTP_SENDS_PER_ADDRESS_HOUR)


def _phone_hash(phone: str) -> str:
    return tokens.keyed_hash("phone", phone)


def _login(challenge: Challenge) -> Login:
    return Login(f"phone#{challenge.phone_hash}")


def _code_hash(challenge: Challenge, purpose: str, code: str) -> str:
    return tokens.keyed_hash("otp", challenge.phone_hash, challenge.nonce, purpose, code)
