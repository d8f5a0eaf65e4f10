"""Doors of personal accounts: proving, linking, what a holder sees, suppliers."""

from chalice.app import Blueprint

from chalicelib import clock, texts
from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.models.account import Account
from chalicelib.rules.balance import Balance
from chalicelib.rules.windows import Window
from chalicelib.services import accounts as service
from chalicelib.services import proofs
from chalicelib.shapes.accounts import (
    AccountOut,
    AccountsOut,
    AddAccount,
    BalanceOut,
    ChangeAccount,
    ReadingWindowOut,
)
from chalicelib.shapes.base import PageQuery, roubles
from chalicelib.shapes.proofs import (
    ProofOut,
    ProveAccount,
    QuestionOut,
    QuestionsOut,
    QuestionsQuery,
)

accounts = Blueprint(__name__)


@operation(
    accounts, "GET", "/v1/account-questions", query=QuestionsQuery, answers={200: QuestionsOut}
)
def list_account_questions(request: Request[None, QuestionsQuery]) -> QuestionsOut:
    """The control questions of an account, alike for known and unknown numbers."""
    return QuestionsOut(
        items=[
            QuestionOut(
                question_id=question.question_id,
                text=texts.say(request.language, "account_question", month=_month(question.period)),
                period=question.period,
            )
            for question in proofs.questions(clock.today())
        ]
    )


@operation(
    accounts,
    "POST",
    "/v1/account-proofs",
    body=ProveAccount,
    answers={200: ProofOut},
    refusals=(422, 429),
    idempotency="accepted",
)
def prove_account(request: Request[ProveAccount, None]) -> ProofOut:
    """Prove an account by one of its last three closed bills, or by a control question."""
    ask = request.body
    proof = proofs.prove(
        request.caller.client_id,
        ask.account_number,
        period=ask.period or (ask.question_id or "").removeprefix(proofs.QUESTION_PREFIX),
        amount=ask.amount,
        method="bill" if ask.period else "question",
    )
    return ProofOut(
        proof_id=proof.proof_id,
        address=proof.address,
        expires_in_seconds=proof.expires_in_seconds,
    )


@operation(
    accounts,
    "POST",
    "/v1/accounts",
    body=AddAccount,
    answers={201: AccountOut},
    refusals=(409, 422),
    idempotency="accepted",
)
def add_account(request: Request[AddAccount, None]) -> AccountOut:
    """Link an account: proven, with a proof; or by its number alone, unproven."""
    ask, client_id = request.body, request.caller.client_id
    if ask.proof_id is not None:
        return _account(service.link_proven(client_id, ask.proof_id, ask.name))
    assert ask.account_number is not None
    return _account(service.link_unproven(client_id, ask.account_number, ask.name))


@operation(accounts, "GET", "/v1/accounts", query=PageQuery, answers={200: AccountsOut})
def list_accounts(request: Request[None, PageQuery]) -> AccountsOut:
    """The caller's accounts, the primary one first, and what is to be paid on all of them."""
    page = service.list_accounts(
        request.caller.client_id, request.query.limit, request.query.cursor
    )
    return AccountsOut(
        items=[_account(view) for view in page.items],
        next_cursor=page.next_cursor,
        total_to_pay=roubles(page.total_to_pay),
        all_paid=page.all_paid,
    )


@operation(accounts, "GET", "/v1/accounts/{account_number}", answers={200: AccountOut})
def see_account(request: Request[None, None], account_number: str) -> AccountOut:
    """One account of the caller's."""
    return _account(service.see_account(request.caller.client_id, account_number))


@operation(
    accounts,
    "PATCH",
    "/v1/accounts/{account_number}",
    body=ChangeAccount,
    answers={200: AccountOut},
)
def change_account(request: Request[ChangeAccount, None], account_number: str) -> AccountOut:
    """Give an account a name of one's own, or make it the primary one."""
    ask = request.body
    view = service.change_account(
        request.caller.client_id,
        account_number,
        name=ask.name,
        rename="name" in ask.model_fields_set,
        make_primary=ask.primary is True,
    )
    return _account(view)


@operation(
    accounts, "DELETE", "/v1/accounts/{account_number}", answers={204: None}, refusals=(409,)
)
def unlink_account(request: Request[None, None], account_number: str) -> Answer:
    """Let go of an account. An automatic payment of the caller's on it ends."""
    service.unlink(request.caller.client_id, account_number)
    return Answer(None)


def _account(view: service.AccountView) -> AccountOut:
    facts = view.facts
    told = _facts(facts) if facts else {}
    return AccountOut(
        account_number=view.number,
        name=view.name,
        primary=view.primary,
        verified=view.verified,
        balance=_balance(view.balance) if view.balance else None,
        insurance_available=view.insurance_available if facts else None,
        autopayment=view.autopayment,
        reading_window=_window(view.window) if view.window else None,
        **told,
    )


def _facts(account: Account) -> dict[str, str | int | None]:
    return {
        "address": account.address,
        "owner_name": account.owner_name,
        "total_area": account.total_area,
        "living_area": account.living_area,
        "residents": _whole(account.residents),
        "registered": _whole(account.registered),
        "ownership": account.ownership,
        "bill_period": account.bill_period,
        "bill_due_on": account.bill_due_on,
    }


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _balance(balance: Balance) -> BalanceOut:
    return BalanceOut(
        to_pay=roubles(balance.to_pay),
        to_pay_without_insurance=roubles(balance.to_pay_without_insurance),
        advance=roubles(balance.advance),
        debt_at_start=roubles(balance.debt_at_start),
        charged=roubles(balance.charged),
        paid=roubles(balance.paid),
        as_of=balance.as_of,
    )


def _window(window: Window) -> ReadingWindowOut:
    return ReadingWindowOut(opens_on=window.opens_on, closes_on=window.closes_on, open=window.open)


def _month(period: str) -> str:
    return f"{period[5:]}.{period[:4]}"
