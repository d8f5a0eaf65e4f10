"""How an attempt to pay goes: the bank's answer, the charge, the intent's state and the events.

States: https://docs.stripe.com/payments/paymentintents/lifecycle. A payment that fails goes back to
`requires_payment_method`, keeps the reason in `last_payment_error`, and raises CardRefused, whose
effects stand.
"""

from typing import Any

from local.stripe.call import Call, new_id, public
from local.stripe.cards import AUTHENTICATION_REQUIRED, EXPIRED, Decline
from local.stripe.errors import CardRefused, Json
from local.stripe.resources import disputes
from local.stripe.resources.payment_methods import attach_to, card_of, has_expired

FAILED_AUTHENTICATION = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or "
    "a new PaymentMethod to attempt to fulfill this PaymentIntent again."
)


def attempt(call: Call, intent: Json, method: Json, *, off_session: bool) -> None:
    """Try to pay with this card.

    The intent ends as `succeeded`, or as `requires_action` when the bank asks for 3-D Secure and
    the cardholder is there. Raises CardRefused when the payment failed.
    """
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    intent["next_action"] = None
    needed = card_of(method).needs_authentication(off_session=off_session, set_up=method["_set_up"])
    if needed and off_session:
        _fail(call, intent, method, AUTHENTICATION_REQUIRED)
    if needed:
        _ask_for_authentication(call, intent)
    else:
        _charge(call, intent, method)


def authenticate(call: Call, intent: Json, *, passed: bool) -> None:
    """The cardholder went through 3-D Secure, or failed it. Raises CardRefused like `attempt`."""
    method = call.given("payment_method", intent["payment_method"], "payment_method")
    intent["next_action"] = None
    if passed:
        _charge(call, intent, method, authenticated=True)
        return
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["last_payment_error"] = {
        "code": "payment_intent_authentication_failure",
        "message": FAILED_AUTHENTICATION,
        "payment_method": public(method),
        "type": "card_error",
    }
    call.save(intent)
    call.emit("payment_intent.payment_failed", intent)
    raise CardRefused(
        FAILED_AUTHENTICATION,
        "payment_intent_authentication_failure",
        payment_intent=public(intent),
        payment_method=public(method),
    )


def _ask_for_authentication(call: Call, intent: Json) -> None:
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {
            "return_url": intent["_return_url"],
            "url": f"{call.public_base}/c/authenticate/{intent['id']}",
        },
        "type": "redirect_to_url",
    }
    call.save(intent)
    call.emit("payment_intent.requires_action", intent)


def _charge(call: Call, intent: Json, method: Json, *, authenticated: bool = False) -> None:
    card = card_of(method)
    refusal = EXPIRED if has_expired(call, method) else card.on_charge
    if refusal is not None:
        _fail(call, intent, method, refusal)
    charge = _new_charge(call, intent, method, authenticated=authenticated)
    charge.update(paid=True, status="succeeded", captured=True, amount_captured=intent["amount"])
    call.add(charge)
    intent.update(status="succeeded", latest_charge=charge["id"], amount_received=intent["amount"])
    call.save(intent)
    call.emit("charge.succeeded", charge)
    call.emit("payment_intent.succeeded", intent)
    # The balance transaction follows the capture, as with Stripe's `automatic_async`.
    call.update(charge, "charge.updated", balance_transaction=new_id("txn"))
    _keep_card(call, intent, method)
    if card.disputed:
        disputes.open_dispute(call, charge, charge["amount"])


def _keep_card(call: Call, intent: Json, method: Json) -> None:
    """Save the card when the payment asked for it; a card of nobody is used up."""
    if intent["setup_future_usage"] == "off_session":
        method["_set_up"] = True
        call.save(method)
    if method["customer"] is None and intent["setup_future_usage"] and intent["customer"]:
        attach_to(call, method, intent["customer"])
    elif method["customer"] is None:
        method["_spent"] = True
        call.save(method)


def _fail(call: Call, intent: Json, method: Json, refusal: Decline) -> None:
    charge = _new_charge(call, intent, method)
    charge.update(
        failure_code=refusal.code,
        failure_message=refusal.message,
        outcome={
            "advice_code": refusal.advice,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "declined_by_network",
            "reason": refusal.decline_code,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
    )
    call.add(charge)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        last_payment_error={
            "advice_code": refusal.advice,
            "charge": charge["id"],
            "code": refusal.code,
            "decline_code": refusal.decline_code,
            "doc_url": f"https://stripe.com/docs/error-codes/{refusal.code}",
            "message": refusal.message,
            "payment_method": public(method),
            "type": "card_error",
        },
    )
    if method["customer"] is None:
        method["_spent"] = True
        call.save(method)
    call.save(intent)
    call.emit("charge.failed", charge)
    call.emit("payment_intent.payment_failed", intent)
    raise refusal.error(
        charge=charge["id"], payment_intent=public(intent), payment_method=public(method)
    )


def _new_charge(call: Call, intent: Json, method: Json, *, authenticated: bool = False) -> Json:
    """A charge as it begins: failed, nothing captured."""
    copied: dict[str, Any] = {
        name: intent[name]
        for name in (
            "amount",
            "currency",
            "customer",
            "description",
            "receipt_email",
            "shipping",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        )
    }
    charge = call.new(
        "charge",
        "ch",
        **copied,
        amount_captured=0,
        amount_refunded=0,
        application=None,
        balance_transaction=None,
        billing_details=method["billing_details"],
        captured=False,
        disputed=False,
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome={
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        paid=False,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={
            "card": {
                "brand": method["card"]["brand"],
                "checks": method["card"]["checks"],
                "country": method["card"]["country"],
                "exp_month": method["card"]["exp_month"],
                "exp_year": method["card"]["exp_year"],
                "fingerprint": method["card"]["fingerprint"],
                "funding": method["card"]["funding"],
                "last4": method["card"]["last4"],
                "network": method["card"]["brand"],
                "three_d_secure": {"result": "authenticated"} if authenticated else None,
                "wallet": None,
            },
            "type": "card",
        },
        receipt_number=None,
        receipt_url=None,
        refunded=False,
        review=None,
        status="failed",
    )
    charge["receipt_url"] = f"{call.public_base}/c/receipts/{charge['id']}"
    return charge
