"""Doors of automatic payments: setting up, looking, ending."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Request, operation
from chalicelib.models.mandate import WAITING, Mandate, Occurrence
from chalicelib.services import mandate_views, mandates
from chalicelib.shapes.autopay import AutopaymentOut, AutopaymentsOut, AutopayResult, SetAutopayment
from chalicelib.shapes.base import Money, roubles
from chalicelib.shapes.payments import CardOut

autopay = Blueprint(__name__)
PATH = "/v1/accounts/{account_number}/autopayment"


@operation(
    autopay,
    "PUT",
    PATH,
    body=SetAutopayment,
    answers={200: AutopaymentOut},
    refusals=(403, 409, 422, 503),
)
def set_autopayment(request: Request[SetAutopayment, None], account_number: str) -> AutopaymentOut:
    """Set up an automatic payment, or change it. The first charge is in the next calendar month."""
    return _shown(
        mandates.agree(request.caller.client_id, account_number, request.body, request.language)
    )


@operation(autopay, "GET", PATH, answers={200: AutopaymentOut}, refusals=(403,))
def see_autopayment(request: Request[None, None], account_number: str) -> AutopaymentOut:
    """The caller's automatic payment on an account; 404 when there never was one."""
    return _shown(mandate_views.see(request.caller.client_id, account_number))


@operation(autopay, "DELETE", PATH, answers={200: AutopaymentOut}, refusals=(403, 409))
def cancel_autopayment(request: Request[None, None], account_number: str) -> AutopaymentOut:
    """End an automatic payment. A charge that has begun goes through, no other one begins."""
    return _shown(mandates.cancel(request.caller.client_id, account_number))


@operation(autopay, "GET", "/v1/autopayments", answers={200: AutopaymentsOut})
def list_autopayments(request: Request[None, None]) -> AutopaymentsOut:
    """The caller's automatic payments on all proven accounts, ended ones too."""
    return AutopaymentsOut(
        items=[_shown(view) for view in mandate_views.see_all(request.caller.client_id)]
    )


def _shown(view: mandate_views.AutopaymentView) -> AutopaymentOut:
    mandate = view.mandate
    return AutopaymentOut.model_validate(
        {
            "account_number": mandate.account_number,
            "status": mandate.status,
            "reason": mandate.reason,
            "day": None if mandate.day is None else int(mandate.day),
            "next_charge_on": view.next_charge_on,
            "amount": _money(mandate.amount),
            "up_to": _money(mandate.up_to),
            "with_insurance": mandate.with_insurance,
            "card": _card(mandate),
            "card_id": mandate.card_id,
            "setup_url": mandate.setup_url if mandate.status == WAITING else None,
            "last_result": _result(view.last) if view.last else None,
        }
    )


def _card(mandate: Mandate) -> CardOut | None:
    if not mandate.card_brand or not mandate.card_last4:
        return None
    return CardOut(brand=mandate.card_brand, last4=mandate.card_last4)


def _result(last: Occurrence) -> AutopayResult:
    return AutopayResult.model_validate(
        {
            "month": last.month,
            "status": last.status,
            "reason": last.reason,
            "at": last.at,
            "amount": _money(last.amount),
            "payment_id": last.payment_id,
            "next_try_on": last.next_try_on,
        }
    )


def _money(kopecks: float | None) -> Money | None:
    return None if kopecks is None else roubles(int(kopecks))
