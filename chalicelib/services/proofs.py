"""Proving an account: by a bill's period and amount, or by a control question.

Every try costs the same calls and gets the same answer whether the number is unknown, the period has
no bill or the amount is wrong. It is counted before anything is compared.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.errors import Code, FieldError, NotSignedIn, Refused, TooMany, refuse_field
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.base import Refusal, batch_get
from chalicelib.models.bill import Bill, bill_item
from chalicelib.models.limits import Budget
from chalicelib.models.proof import count_try, wait_seconds
from chalicelib.observability import count
from chalicelib.rules.periods import last_closed
from chalicelib.rules.proofs import ProvingBill, amount_proves, charge_proves
from chalicelib.services import tokens

PROOF_LIVES: Final = timedelta(minutes=15)
QUESTION_PREFIX: Final = "charged-"

Method = Literal["bill", "question"]


@dataclass(frozen=True)
class Question:
    """A control question: what was charged in `period`."""

    question_id: str
    period: str


@dataclass(frozen=True)
class Proof:
    """A proven account, good for 15 minutes and for the client who proved it."""

    proof_id: str
    address: str
    expires_in_seconds: int


def questions(today: date) -> list[Question]:
    """The questions that any account is proven by. They depend on the day alone. No calls."""
    return [Question(f"{QUESTION_PREFIX}{period}", period) for period in last_closed(today)]


def prove(
    client_id: str, account_number: str, *, period: str, amount: int, method: Method
) -> Proof:
    """Prove an account to a client. Three calls when right, two when wrong, one when over a limit.

    Raises Refused `proof_failed`, TooMany `too_many_proofs`.
    """
    at = clock.now()
    everybody = Budget("proofs-of-all", settings().PROOF_FAILURES_PER_HOUR)
    try:
        counted = count_try(account_number, client_id, everybody, at)
    except Refusal as refusal:
        count("proofs", outcome="limited")
        raise TooMany(
            Code.TOO_MANY_PROOFS, retry_after_seconds=wait_seconds(refusal, at)
        ) from refusal
    account, bill = batch_get(
        [(Account, account_number, ACCOUNT), (Bill, account_number, bill_item(period))]
    )
    proves = amount_proves if method == "bill" else charge_proves
    if not isinstance(account, Account) or not proves(_facts(bill), amount, clock.moscow_day(at)):
        count("proofs", outcome="failed")
        raise _failed()
    counted.take_back()
    count("proofs", outcome="proven")
    return Proof(
        proof_id=tokens.issue(
            tokens.Purpose.PROOF, client_id, at, PROOF_LIVES, account_number=account_number
        ),
        address=account.address,
        expires_in_seconds=int(PROOF_LIVES.total_seconds()),
    )


def proven_account(proof_id: str, client_id: str, at: datetime) -> str:
    """The account number that a proof of this client's names. No calls.

    Raises Refused with `proof_invalid` on the field when it has expired or is somebody else's.
    """
    try:
        claims = tokens.read(tokens.Purpose.PROOF, proof_id, at)
    except NotSignedIn as exc:
        raise refuse_field("proof_id", Code.PROOF_INVALID) from exc
    if claims["sub"] != client_id:
        raise refuse_field("proof_id", Code.PROOF_INVALID)
    return str(claims["account_number"])


def _facts(bill: object | None) -> ProvingBill | None:
    if not isinstance(bill, Bill):
        return None
    return ProvingBill(
        period=bill.period,
        to_pay=int(bill.to_pay),
        to_pay_without_insurance=int(bill.to_pay_without_insurance),
        charged=int(bill.charged),
    )


def _failed() -> Refused:
    fields = ("account_number", "amount")
    return Refused(
        Code.PROOF_FAILED, errors=tuple(FieldError(name, Code.PROOF_FAILED) for name in fields)
    )
