"""Payment intents: https://docs.stripe.com/api/payment_intents

Creation, change and cancelling are here; what an attempt to pay does is in `paying.py`.
"""

from local.stripe import paying
from local.stripe.call import Call, new_id, public
from local.stripe.errors import Json, Refused
from local.stripe.operation import Operation
from local.stripe.resources import payment_methods
from local.stripe.shapes import (
    ADDRESS,
    EXPAND,
    PAGE,
    Kind,
    Required,
    Shape,
    amount,
    anything,
    boolean,
    choice,
    currency,
    identifier,
    list_of,
    merged,
    metadata,
    moment_range,
    no_longer_supported,
    off_session,
    text,
    url,
)

_USAGE = choice("off_session", "on_session")
_METHOD_TYPES = list_of(choice("card"))
_CHANGEABLE: dict[str, Kind | Required] = {
    "customer": identifier,
    "description": text,
    "metadata": metadata,
    "payment_method": identifier,
    "receipt_email": text,
    "setup_future_usage": _USAGE,
    "shipping": Shape(address=ADDRESS, name=text, phone=text),
    "statement_descriptor": text,
    "statement_descriptor_suffix": text,
    "transfer_group": text,
    "allowed_payment_method_types": _METHOD_TYPES,
    "payment_method_types": no_longer_supported,
    "payment_method_options": anything,
    **EXPAND,
}
_CONFIRMING: dict[str, Kind | Required] = {
    "error_on_requires_action": boolean,
    "mandate_data": anything,
    "off_session": off_session,
    "return_url": url,
    "use_stripe_sdk": boolean,
}
CREATE = Shape(
    amount=Required(amount),
    currency=Required(currency),
    automatic_payment_methods=Shape(
        enabled=Required(boolean), allow_redirects=choice("always", "never")
    ),
    capture_method=choice("automatic", "automatic_async"),
    confirm=boolean,
    confirmation_method=choice("automatic"),
    excluded_payment_method_types=list_of(text),
    **_CHANGEABLE,
    **_CONFIRMING,
)
UPDATE = Shape(amount=amount, currency=currency, **_CHANGEABLE)
CONFIRM = Shape(
    allowed_payment_method_types=_METHOD_TYPES,
    payment_method=identifier,
    payment_method_options=anything,
    payment_method_types=no_longer_supported,
    receipt_email=text,
    setup_future_usage=_USAGE,
    **_CONFIRMING,
    **EXPAND,
)
CANCEL = Shape(
    cancellation_reason=choice("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
    **EXPAND,
)
RETRIEVE = Shape(client_secret=text, **EXPAND)
LIST = Shape(customer=identifier, created=moment_range, **PAGE)

_COPIED = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(call: Call, params: Json) -> Json:
    """Create, and with `confirm` pay at once. Raises CardRefused when that payment fails."""
    if params.get("off_session") and not params.get("confirm"):
        raise Refused(
            "You cannot set `off_session` without also setting `confirm` to `true`.",
            param="off_session",
        )
    intent = new_intent(call, params)
    if params.get("confirm"):
        _confirm(call, intent, {**params, "payment_method": intent["payment_method"]})
    return intent


def new_intent(call: Call, params: Json) -> Json:
    """A stored intent with its `payment_intent.created` event."""
    if params.get("customer"):
        call.given("customer", params["customer"], "customer")
    method = None
    if "payment_method" in params:
        method = payment_methods.of_customer(call, params["payment_method"], params.get("customer"))
    intent = call.new(
        "payment_intent",
        "pi",
        amount=params["amount"],
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        application=None,
        application_fee_amount=None,
        automatic_payment_methods=params.get("automatic_payment_methods", {"enabled": True}),
        canceled_at=None,
        cancellation_reason=None,
        capture_method=params.get("capture_method", "automatic_async"),
        confirmation_method="automatic",
        currency=params["currency"],
        customer=params.get("customer"),
        last_payment_error=None,
        latest_charge=None,
        metadata=merged({}, params.get("metadata", {})),
        next_action=None,
        on_behalf_of=None,
        payment_method=method and method["id"],
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        processing=None,
        review=None,
        status="requires_confirmation" if method else "requires_payment_method",
        **{name: params.get(name) for name in _COPIED},
        _only_cards="allowed_payment_method_types" in params,
        _return_url=params.get("return_url"),
        _session=None,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[2:]}"
    call.add(intent)
    call.emit("payment_intent.created", intent)
    return intent


def retrieve(call: Call, _params: Json, intent: str) -> Json:
    return call.named("payment_intent", intent, "intent")


def list_all(call: Call, params: Json) -> Json:
    equal = {"customer": params["customer"]} if "customer" in params else {}
    return call.page("/v1/payment_intents", "payment_intent", params, **equal)


def update(call: Call, params: Json, intent: str) -> Json:
    found = call.named("payment_intent", intent, "intent")
    if found["status"] not in _OPEN and not params.keys() <= {"description", "metadata", "expand"}:
        raise _unexpected(
            found,
            "This PaymentIntent could not be updated because it has a status of "
            f"{found['status']}.",
        )
    if "customer" in params:
        call.given("customer", params["customer"], "customer")
    fields = {
        name: params[name]
        for name in ("amount", "currency", "customer", *_COPIED)
        if name in params
    }
    if "metadata" in params:
        fields["metadata"] = merged(found["metadata"], params["metadata"])
    if "payment_method" in params:
        customer = fields.get("customer", found["customer"])
        method = payment_methods.of_customer(call, params["payment_method"], customer)
        fields.update(payment_method=method["id"], status="requires_confirmation")
    found.update(fields)
    call.save(found)
    return found


def confirm(call: Call, params: Json, intent: str) -> Json:
    found = call.named("payment_intent", intent, "intent")
    if found["status"] == "succeeded":
        raise _unexpected(
            found,
            "You cannot confirm this PaymentIntent because it has already succeeded after being "
            "previously confirmed.",
        )
    if found["status"] not in _OPEN:
        raise _unexpected(
            found,
            f"You cannot confirm this PaymentIntent because it has a status of {found['status']}.",
        )
    _refuse_session_owned(found, "confirm")
    for name in ("receipt_email", "setup_future_usage"):
        if name in params:
            found[name] = params[name]
    if "return_url" in params:
        found["_return_url"] = params["return_url"]
    _confirm(call, found, params)
    return found


def _confirm(call: Call, intent: Json, params: Json) -> None:
    away = bool(params.get("off_session") or params.get("error_on_requires_action"))
    _require_return_url(intent, away=away, only_cards="allowed_payment_method_types" in params)
    method_id = params.get("payment_method") or intent["payment_method"]
    if method_id is None:
        raise _unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method.",
        )
    method = payment_methods.of_customer(call, method_id, intent["customer"])
    paying.attempt(call, intent, method, off_session=away)


def _require_return_url(intent: Json, *, away: bool, only_cards: bool) -> None:
    """A confirmation with the payer present must say where a redirect may end."""
    allowed = intent["automatic_payment_methods"].get("allow_redirects")
    if away or intent["_return_url"] or intent["_only_cards"] or only_cards or allowed == "never":
        return
    raise Refused(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "
        "Because some of these payment methods might redirect your customer off of your page, you "
        "must provide a `return_url`. If you don't want to accept redirect-based payment methods, "
        "set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
        "Payment Intents.",
        param="return_url",
    )


def cancel(call: Call, params: Json, intent: str) -> Json:
    found = call.named("payment_intent", intent, "intent")
    if found["status"] not in _OPEN:
        raise _unexpected(
            found,
            f"You cannot cancel this PaymentIntent because it has a status of {found['status']}. "
            "Only a PaymentIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_capture, requires_confirmation, requires_action, "
            "processing.",
        )
    _refuse_session_owned(found, "cancel")
    cancel_open(call, found, params.get("cancellation_reason"))
    return found


def cancel_open(call: Call, intent: Json, reason: str | None) -> None:
    """Cancel without asking whose intent it is."""
    intent.update(
        status="canceled", canceled_at=call.now, cancellation_reason=reason, next_action=None
    )
    call.save(intent)
    call.emit("payment_intent.canceled", intent)


def _refuse_session_owned(intent: Json, verb: str) -> None:
    if intent["_session"] is not None:
        raise _unexpected(
            intent,
            f"You cannot {verb} this PaymentIntent because it was created by a Checkout Session. "
            "To cancel it, expire the Checkout Session instead.",
        )


def _unexpected(intent: Json, message: str) -> Refused:
    return Refused(message, code="payment_intent_unexpected_state", payment_intent=public(intent))


_ID = "/v1/payment_intents/{intent}"
OPERATIONS = [
    Operation("POST", "/v1/payment_intents", CREATE, create),
    Operation("GET", "/v1/payment_intents", LIST, list_all),
    Operation("GET", _ID, RETRIEVE, retrieve),
    Operation("POST", _ID, UPDATE, update),
    Operation("POST", f"{_ID}/confirm", CONFIRM, confirm),
    Operation("POST", f"{_ID}/cancel", CANCEL, cancel),
]
