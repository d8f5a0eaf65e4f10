"""Disputes: https://docs.stripe.com/api/disputes

A dispute takes the money away when it opens and gives it back when it is won.
"""

from typing import Any

from local.stripe.call import Call, new_id
from local.stripe.errors import Json, Refused
from local.stripe.operation import Operation
from local.stripe.shapes import (
    EXPAND,
    ONLY_EXPAND,
    PAGE,
    Shape,
    anything,
    boolean,
    identifier,
    merged,
    metadata,
    moment_range,
)

UPDATE = Shape(evidence=anything, metadata=metadata, submit=boolean, **EXPAND)
LIST = Shape(charge=identifier, payment_intent=identifier, created=moment_range, **PAGE)

FEE = 1500
"""What Stripe keeps for a dispute, in minor units of the charge's currency."""
_DAYS_TO_ANSWER = 9
_OPEN = ("needs_response", "under_review")


def open_dispute(call: Call, charge: Json, amount: int | None) -> Json:
    """The cardholder asks the bank for the money back; None disputes all that is not refunded.

    Raises Refused for an unpaid charge, an open dispute, and an amount beyond what is left.
    """
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    asked = left if amount is None else amount
    if not charge["paid"]:
        raise Refused(f"Charge {charge['id']} was not paid, so nobody disputes it.")
    if call.all("dispute", charge=charge["id"]):
        raise Refused(f"Charge {charge['id']} is already disputed.", code="charge_disputed")
    if not 0 < asked <= left:
        raise Refused(f"Of charge {charge['id']}, {left} can be disputed, not {asked}.")
    dispute = call.new(
        "dispute",
        "du",
        amount=asked,
        balance_transactions=[_money(call, charge, -asked, FEE)],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={
            "due_by": call.now + _DAYS_TO_ANSWER * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        intended_submission_method=None,
        is_charge_refundable=False,
        metadata={},
        network_reason_code="10.4",
        payment_intent=charge["payment_intent"],
        payment_method_details={
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        reason="fraudulent",
        status="needs_response",
    )
    call.add(dispute)
    call.update(charge, "charge.updated", disputed=True)
    call.emit("charge.dispute.created", dispute)
    call.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(call: Call, dispute: Json, *, won: bool) -> None:
    """The bank decides. Raises Refused when it already did."""
    if dispute["status"] not in _OPEN:
        raise Refused(f"Dispute {dispute['id']} is already closed: {dispute['status']}.")
    call.update(dispute, "charge.dispute.updated", status="won" if won else "lost")
    call.emit("charge.dispute.closed", dispute)
    if won:
        charge = call.given("charge", dispute["charge"], "charge")
        dispute["balance_transactions"].append(_money(call, charge, dispute["amount"], -FEE))
        call.save(dispute)
        call.emit("charge.dispute.funds_reinstated", dispute)


def _money(call: Call, charge: Json, amount: int, fee: int) -> dict[str, Any]:
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": call.now,
        "created": call.now,
        "currency": charge["currency"],
        "description": f"Chargeback withdrawal for {charge['id']}",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": charge["id"],
        "status": "available",
        "type": "adjustment",
    }


def retrieve(call: Call, _params: Json, dispute: str) -> Json:
    return call.named("dispute", dispute)


def list_all(call: Call, params: Json) -> Json:
    equal = {name: params[name] for name in ("charge", "payment_intent") if name in params}
    return call.page("/v1/disputes", "dispute", params, **equal)


def update(call: Call, params: Json, dispute: str) -> Json:
    """Send evidence; with `submit` the bank gets it and the dispute is under review."""
    found = call.named("dispute", dispute)
    if found["status"] not in _OPEN:
        raise Refused("This dispute is already closed", code="dispute_already_closed")
    fields: Json = {}
    if "metadata" in params:
        fields["metadata"] = merged(found["metadata"], params["metadata"])
    if "evidence" in params:
        fields["evidence"] = {**found["evidence"], **params["evidence"]}
        fields["evidence_details"] = {**found["evidence_details"], "has_evidence": True}
    if params.get("submit"):
        fields["status"] = "under_review"
    call.update(found, "charge.dispute.updated", **fields)
    return found


def close(call: Call, _params: Json, dispute: str) -> Json:
    """Accept the dispute, which loses it."""
    found = call.named("dispute", dispute)
    close_dispute(call, found, won=False)
    return found


OPERATIONS = [
    Operation("GET", "/v1/disputes", LIST, list_all),
    Operation("GET", "/v1/disputes/{dispute}", ONLY_EXPAND, retrieve),
    Operation("POST", "/v1/disputes/{dispute}", UPDATE, update),
    Operation("POST", "/v1/disputes/{dispute}/close", ONLY_EXPAND, close),
]
