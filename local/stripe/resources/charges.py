"""Charges, made by payment intents only: https://docs.stripe.com/api/charges"""

from local.stripe.call import Call
from local.stripe.errors import Json
from local.stripe.operation import Operation
from local.stripe.shapes import (
    EXPAND,
    ONLY_EXPAND,
    PAGE,
    Shape,
    identifier,
    merged,
    metadata,
    moment_range,
    text,
)

UPDATE = Shape(description=text, metadata=metadata, receipt_email=text, **EXPAND)
LIST = Shape(customer=identifier, payment_intent=identifier, created=moment_range, **PAGE)


def retrieve(call: Call, _params: Json, charge: str) -> Json:
    return call.named("charge", charge)


def list_all(call: Call, params: Json) -> Json:
    equal = {name: params[name] for name in ("customer", "payment_intent") if name in params}
    return call.page("/v1/charges", "charge", params, **equal)


def update(call: Call, params: Json, charge: str) -> Json:
    found = call.named("charge", charge)
    fields: Json = {
        name: params[name] for name in ("description", "receipt_email") if name in params
    }
    if "metadata" in params:
        fields["metadata"] = merged(found["metadata"], params["metadata"])
    call.update(found, "charge.updated", **fields)
    return found


OPERATIONS = [
    Operation("GET", "/v1/charges", LIST, list_all),
    Operation("GET", "/v1/charges/{charge}", ONLY_EXPAND, retrieve),
    Operation("POST", "/v1/charges/{charge}", UPDATE, update),
]
