"""Customers: https://docs.stripe.com/api/customers"""

from local.stripe.call import Call, absent
from local.stripe.errors import Json
from local.stripe.operation import Operation
from local.stripe.resources import payment_methods
from local.stripe.shapes import (
    ADDRESS,
    EXPAND,
    ONLY_EXPAND,
    PAGE,
    Kind,
    Required,
    Shape,
    choice,
    identifier,
    list_of,
    merged,
    metadata,
    moment_range,
    text,
)

_FIELDS: dict[str, Kind | Required] = {
    "address": ADDRESS,
    "description": text,
    "email": text,
    "invoice_settings": Shape(default_payment_method=text),
    "metadata": metadata,
    "name": text,
    "phone": text,
    "preferred_locales": list_of(text),
    "shipping": Shape(address=ADDRESS, name=text, phone=text),
    "tax_exempt": choice("none", "exempt", "reverse"),
    **EXPAND,
}
CREATE = Shape(payment_method=identifier, **_FIELDS)
UPDATE = Shape(**_FIELDS)
LIST = Shape(email=text, created=moment_range, **PAGE)


def create(call: Call, params: Json) -> Json:
    customer = call.new(
        "customer",
        "cus",
        address=None,
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        description=None,
        discount=None,
        email=None,
        invoice_prefix=None,
        invoice_settings={"default_payment_method": None, "footer": None, "custom_fields": None},
        metadata={},
        name=None,
        next_invoice_sequence=1,
        phone=None,
        preferred_locales=[],
        shipping=None,
        tax_exempt="none",
        test_clock=None,
    )
    customer.update(_asked(call, customer, params))
    call.add(customer)
    call.emit("customer.created", customer)
    if "payment_method" in params:
        method = payment_methods.resolve(call, params["payment_method"])
        payment_methods.attach_to(call, method, customer["id"])
    return customer


def retrieve(call: Call, _params: Json, customer: str) -> Json:
    return call.named("customer", customer)


def update(call: Call, params: Json, customer: str) -> Json:
    found = living(call, customer)
    call.update(found, "customer.updated", **_asked(call, found, params))
    return found


def delete(call: Call, _params: Json, customer: str) -> Json:
    """Delete the customer and let go of the cards; what is left tells only that it is deleted."""
    found = living(call, customer)
    for method in call.all("payment_method", customer=customer):
        payment_methods.let_go(call, method)
    call.emit("customer.deleted", found)
    stub = {"id": customer, "object": "customer", "deleted": True}
    call.save(stub)
    return stub


def list_all(call: Call, params: Json) -> Json:
    equal = {"email": params["email"]} if "email" in params else {}
    return call.page("/v1/customers", "customer", params, deleted=None, **equal)


def living(call: Call, customer_id: str) -> Json:
    """The customer in the path, unless it was deleted. Raises Refused, 404."""
    found = call.named("customer", customer_id)
    if found.get("deleted"):
        raise absent("customer", customer_id)
    return found


def _asked(call: Call, customer: Json, params: Json) -> Json:
    fields = {name: value for name, value in params.items() if name in _FIELDS}
    fields.pop("expand", None)
    if "metadata" in fields:
        fields["metadata"] = merged(customer["metadata"], fields["metadata"])
    if "invoice_settings" in fields:
        default = fields["invoice_settings"].get("default_payment_method")
        if default is not None:
            payment_methods.of_customer(call, default, customer["id"])
        fields["invoice_settings"] = {**customer["invoice_settings"], **fields["invoice_settings"]}
    return fields


OPERATIONS = [
    Operation("POST", "/v1/customers", CREATE, create),
    Operation("GET", "/v1/customers", LIST, list_all),
    Operation("GET", "/v1/customers/{customer}", ONLY_EXPAND, retrieve),
    Operation("POST", "/v1/customers/{customer}", UPDATE, update),
    Operation("DELETE", "/v1/customers/{customer}", Shape(), delete),
]
