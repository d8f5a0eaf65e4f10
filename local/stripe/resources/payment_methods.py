"""Payment methods, all of them cards: https://docs.stripe.com/api/payment_methods"""

from datetime import UTC, datetime

from local.stripe.call import Call, absent
from local.stripe.cards import (
    BAD_CVC,
    BAD_MONTH,
    BAD_YEAR,
    CARDS,
    TOKENS,
    Card,
    card_numbered,
)
from local.stripe.errors import Json, Refused
from local.stripe.operation import Operation
from local.stripe.shapes import (
    ADDRESS,
    EXPAND,
    ONLY_EXPAND,
    PAGE,
    Required,
    Shape,
    choice,
    identifier,
    integer,
    merged,
    metadata,
    text,
)

VALID_YEARS = 8
"""How far off the expiry of a card is when nobody names it; tests move the clock by years."""

_BILLING = Shape(address=ADDRESS, email=text, name=text, phone=text)
_REDISPLAY = choice("always", "limited", "unspecified")
CREATE = Shape(
    type=Required(choice("card")),
    card=Required(
        Shape(
            number=Required(text), exp_month=Required(integer), exp_year=Required(integer), cvc=text
        )
    ),
    billing_details=_BILLING,
    allow_redisplay=_REDISPLAY,
    metadata=metadata,
    **EXPAND,
)
UPDATE = Shape(
    billing_details=_BILLING,
    allow_redisplay=_REDISPLAY,
    card=Shape(exp_month=integer, exp_year=integer),
    metadata=metadata,
    **EXPAND,
)
ATTACH = Shape(customer=Required(identifier), **EXPAND)
LIST = Shape(customer=identifier, type=text, allow_redisplay=_REDISPLAY, **PAGE)
LIST_OF_CUSTOMER = Shape(type=text, allow_redisplay=_REDISPLAY, **PAGE)

_SPENT = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
    "attachment, shared with a connected account without Customer attachment, or was detached "
    "from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must "
    "attach it to a Customer first."
)


def create(call: Call, params: Json) -> Json:
    asked = params["card"]
    method = new_card(
        call,
        asked["number"],
        exp_month=asked["exp_month"],
        exp_year=asked["exp_year"],
        cvc=asked.get("cvc"),
        email=None,
    )
    method["billing_details"].update(params.get("billing_details", {}))
    method["metadata"] = merged({}, params.get("metadata", {}))
    method["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    call.save(method)
    return method


def retrieve(call: Call, _params: Json, payment_method: str) -> Json:
    return resolve(call, payment_method, status=404)


def update(call: Call, params: Json, payment_method: str) -> Json:
    method = call.named("payment_method", payment_method, "payment_method")
    fields: Json = {}
    if "metadata" in params:
        fields["metadata"] = merged(method["metadata"], params["metadata"])
    if "allow_redisplay" in params:
        fields["allow_redisplay"] = params["allow_redisplay"]
    for name in ("billing_details", "card"):
        if name in params:
            fields[name] = {**method[name], **params[name]}
    call.update(method, "payment_method.updated", **fields)
    return method


def attach(call: Call, params: Json, payment_method: str) -> Json:
    """Save the card for a customer; the bank checks it, so a declined card is refused."""
    method = resolve(call, payment_method, status=404)
    call.given("customer", params["customer"], "customer")
    if method["customer"] not in (None, params["customer"]):
        raise Refused(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    check = card_of(method).on_check
    if check is not None:
        raise check.error()
    attach_to(call, method, params["customer"])
    return method


def detach(call: Call, _params: Json, payment_method: str) -> Json:
    method = call.named("payment_method", payment_method, "payment_method")
    if method["customer"] is None:
        raise Refused(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )
    let_go(call, method)
    return method


def list_all(call: Call, params: Json) -> Json:
    if "customer" not in params:
        return {"object": "list", "data": [], "has_more": False, "url": "/v1/payment_methods"}
    call.given("customer", params["customer"], "customer")
    return _list(call, "/v1/payment_methods", params, params["customer"])


def list_of_customer(call: Call, params: Json, customer: str) -> Json:
    call.named("customer", customer)
    return _list(call, f"/v1/customers/{customer}/payment_methods", params, customer)


def retrieve_of_customer(call: Call, _params: Json, customer: str, payment_method: str) -> Json:
    call.named("customer", customer)
    method = call.named("payment_method", payment_method, "payment_method")
    if method["customer"] != customer:
        raise absent("payment_method", payment_method, param="payment_method")
    return method


def _list(call: Call, url: str, params: Json, customer: str) -> Json:
    equal = {name: params[name] for name in ("type", "allow_redisplay") if name in params}
    return call.page(url, "payment_method", params, customer=customer, **equal)


def new_card(
    call: Call,
    number: str,
    *,
    exp_month: int,
    exp_year: int,
    cvc: str | None,
    email: str | None,
) -> Json:
    """A payment method from what stands on a card. Raises CardRefused for what cannot be right."""
    card = card_numbered(number)
    if not 1 <= exp_month <= 12:
        raise BAD_MONTH.error(param="exp_month")
    if (exp_year, exp_month) < _month(call) or exp_year > _month(call)[0] + 50:
        raise BAD_YEAR.error(param="exp_year")
    if cvc is not None and not (len(cvc) == 3 and cvc.isascii() and cvc.isdigit()):
        raise BAD_CVC.error(param="cvc")
    method = call.new(
        "payment_method",
        "pm",
        allow_redisplay="unspecified",
        billing_details={
            "address": dict.fromkeys(ADDRESS.fields),
            "email": email,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        card={
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass" if cvc else None,
            },
            "country": "US",
            "display_brand": card.brand,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "fingerprint": f"local{card.number[-11:]}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        customer=None,
        metadata={},
        type="card",
        _number=card.number,
        _set_up=False,
        _spent=False,
    )
    call.add(method)
    return method


def resolve(call: Call, id_or_token: str, param: str = "payment_method", status: int = 400) -> Json:
    """The payment method of an id, or a new one of a test token such as `pm_card_visa`."""
    number = TOKENS.get(id_or_token)
    if number is None:
        find = call.named if status == 404 else call.given
        return find("payment_method", id_or_token, param)
    year, _ = _month(call)
    return new_card(call, number, exp_month=12, exp_year=year + VALID_YEARS, cvc="123", email=None)


def of_customer(call: Call, method_id: str, customer_id: str | None) -> Json:
    """The method, when it may be used for this customer. Raises Refused otherwise."""
    method = resolve(call, method_id)
    if method["_spent"]:
        raise Refused(_SPENT, code="payment_method_unexpected_state", param="payment_method")
    if method["customer"] is None or method["customer"] == customer_id:
        return method
    if customer_id is None:
        message = (
            f"The PaymentMethod {method['id']} belongs to a Customer. Please include the "
            "Customer in the `customer` parameter."
        )
    else:
        message = (
            f"The customer does not have a payment method with the ID {method['id']}. "
            "The payment method must be attached to the customer."
        )
    raise Refused(message, code="payment_method_unexpected_state", param="payment_method")


def attach_to(call: Call, method: Json, customer_id: str) -> None:
    if method["customer"] == customer_id:
        return
    if method["_spent"]:
        raise Refused(_SPENT, code="payment_method_unexpected_state", param="payment_method")
    method["customer"] = customer_id
    call.save(method)
    call.emit("payment_method.attached", method)


def let_go(call: Call, method: Json) -> None:
    """Take the card from its customer; it cannot be used again."""
    method["_spent"] = True
    call.update(method, "payment_method.detached", customer=None)


def card_of(method: Json) -> Card:
    return CARDS[method["_number"]]


def has_expired(call: Call, method: Json) -> bool:
    """Whether the month on the card is over, by the injected clock."""
    return (method["card"]["exp_year"], method["card"]["exp_month"]) < _month(call)


def lifetime(call: Call) -> tuple[int, int]:
    """A year and month of expiry that is far off."""
    year, _ = _month(call)
    return year + VALID_YEARS, 12


def _month(call: Call) -> tuple[int, int]:
    today = datetime.fromtimestamp(call.now, UTC)
    return today.year, today.month


_ID = "/v1/payment_methods/{payment_method}"
OPERATIONS = [
    Operation("POST", "/v1/payment_methods", CREATE, create),
    Operation("GET", "/v1/payment_methods", LIST, list_all),
    Operation("GET", _ID, ONLY_EXPAND, retrieve),
    Operation("POST", _ID, UPDATE, update),
    Operation("POST", f"{_ID}/attach", ATTACH, attach),
    Operation("POST", f"{_ID}/detach", ONLY_EXPAND, detach),
    Operation(
        "GET", "/v1/customers/{customer}/payment_methods", LIST_OF_CUSTOMER, list_of_customer
    ),
    Operation(
        "GET",
        "/v1/customers/{customer}/payment_methods/{payment_method}",
        ONLY_EXPAND,
        retrieve_of_customer,
    ),
]
