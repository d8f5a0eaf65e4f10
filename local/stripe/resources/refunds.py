"""Refunds: https://docs.stripe.com/api/refunds

The sum of a charge's refunds never passes what was captured, and a disputed charge is not refunded
while the dispute is open or after it was lost.
"""

from local.stripe.call import Call, changed, new_id, public
from local.stripe.errors import Json, Refused, malformed
from local.stripe.operation import Operation
from local.stripe.shapes import (
    EXPAND,
    ONLY_EXPAND,
    PAGE,
    Shape,
    choice,
    identifier,
    merged,
    metadata,
    moment_range,
    positive,
)

CREATE = Shape(
    amount=positive,
    charge=identifier,
    metadata=metadata,
    payment_intent=identifier,
    reason=choice("duplicate", "fraudulent", "requested_by_customer"),
    **EXPAND,
)
UPDATE = Shape(metadata=metadata, **EXPAND)
LIST = Shape(charge=identifier, payment_intent=identifier, created=moment_range, **PAGE)


def create(call: Call, params: Json) -> Json:
    charge = _charge(call, params)
    refund = call.new(
        "refund",
        "re",
        amount=_refundable(call, charge, params.get("amount")),
        balance_transaction=new_id("txn"),
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        description=None,
        destination_details={
            "card": {
                "reference": None,
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        failure_reason=None,
        metadata=merged({}, params.get("metadata", {})),
        next_action=None,
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        pending_reason=None,
        reason=params.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="succeeded",
        transfer_reversal=None,
    )
    del refund["livemode"]
    call.add(refund)
    call.emit("refund.created", refund)
    _count(call, charge, refund["amount"])
    _give_reference(call, refund)
    return refund


def _charge(call: Call, params: Json) -> Json:
    """The successful charge to refund, named by itself or by its payment intent."""
    if "charge" in params:
        charge = call.given("charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = call.given("payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise Refused(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                payment_intent=public(intent),
            )
        charge = call.given("charge", intent["latest_charge"], "payment_intent")
    else:
        message = "One of the following params should be provided for this request: "
        raise malformed(f"{message}payment_intent or charge.", "parameter_missing", None)
    if not charge["paid"]:
        raise Refused(f"Charge {charge['id']} was not successful, so it cannot be refunded.")
    return charge


def _refundable(call: Call, charge: Json, asked: int | None) -> int:
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    for dispute in call.all("dispute", charge=charge["id"]):
        if dispute["status"] != "won":
            raise Refused(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                code="charge_disputed",
            )
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refused(message, code="charge_already_refunded")
    if asked is not None and asked > left:
        raise Refused(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    return left if asked is None else asked


def _count(call: Call, charge: Json, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    call.update(
        charge,
        "charge.refunded",
        amount_refunded=refunded,
        refunded=refunded == charge["amount_captured"],
    )


def _give_reference(call: Call, refund: Json) -> None:
    """The bank's reference number arrives: one fact told by two kinds of events."""
    before = dict(refund)
    refund["destination_details"] = {
        "card": {
            **refund["destination_details"]["card"],
            "reference": new_id("")[1:13],
            "reference_status": "available",
        },
        "type": "card",
    }
    _tell(call, before, refund)


def _tell(call: Call, before: Json, refund: Json) -> None:
    call.save(refund)
    previous = changed(public(before), public(refund))
    call.emit("refund.updated", refund, previous)
    call.emit("charge.refund.updated", refund, previous)


def retrieve(call: Call, _params: Json, refund: str) -> Json:
    return call.named("refund", refund)


def update(call: Call, params: Json, refund: str) -> Json:
    found = call.named("refund", refund)
    before = dict(found)
    if "metadata" in params:
        found["metadata"] = merged(found["metadata"], params["metadata"])
    _tell(call, before, found)
    return found


def list_all(call: Call, params: Json) -> Json:
    equal = {name: params[name] for name in ("charge", "payment_intent") if name in params}
    return call.page("/v1/refunds", "refund", params, **equal)


OPERATIONS = [
    Operation("POST", "/v1/refunds", CREATE, create),
    Operation("GET", "/v1/refunds", LIST, list_all),
    Operation("GET", "/v1/refunds/{refund}", ONLY_EXPAND, retrieve),
    Operation("POST", "/v1/refunds/{refund}", UPDATE, update),
]
