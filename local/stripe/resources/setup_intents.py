"""Setup intents, which save a card for later payments: https://docs.stripe.com/api/setup_intents"""

from local.stripe.call import Call, new_id, public
from local.stripe.cards import Authentication
from local.stripe.errors import CardRefused, Json, Refused
from local.stripe.operation import Operation
from local.stripe.resources import payment_methods
from local.stripe.shapes import (
    EXPAND,
    PAGE,
    Kind,
    Required,
    Shape,
    anything,
    boolean,
    choice,
    identifier,
    list_of,
    merged,
    metadata,
    moment_range,
    no_longer_supported,
    text,
    url,
)

_CHANGEABLE: dict[str, Kind | Required] = {
    "allowed_payment_method_types": list_of(choice("card")),
    "customer": identifier,
    "description": text,
    "metadata": metadata,
    "payment_method": identifier,
    "payment_method_options": anything,
    "payment_method_types": no_longer_supported,
    **EXPAND,
}
CREATE = Shape(
    automatic_payment_methods=Shape(
        enabled=Required(boolean), allow_redirects=choice("always", "never")
    ),
    confirm=boolean,
    excluded_payment_method_types=list_of(text),
    mandate_data=anything,
    return_url=url,
    usage=choice("off_session", "on_session"),
    use_stripe_sdk=boolean,
    **_CHANGEABLE,
)
UPDATE = Shape(**_CHANGEABLE)
CONFIRM = Shape(
    allowed_payment_method_types=list_of(choice("card")),
    mandate_data=anything,
    payment_method=identifier,
    payment_method_options=anything,
    return_url=url,
    use_stripe_sdk=boolean,
    **EXPAND,
)
CANCEL = Shape(
    cancellation_reason=choice("abandoned", "duplicate", "requested_by_customer"), **EXPAND
)
RETRIEVE = Shape(client_secret=text, **EXPAND)
LIST = Shape(customer=identifier, payment_method=identifier, created=moment_range, **PAGE)

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_FAILED_AUTHENTICATION = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or "
    "a new PaymentMethod to attempt to fulfill this SetupIntent again."
)


def create(call: Call, params: Json) -> Json:
    intent = new_intent(call, params)
    if params.get("confirm"):
        _confirm(call, intent, intent["payment_method"])
    return intent


def new_intent(call: Call, params: Json) -> Json:
    """A stored intent with its `setup_intent.created` event."""
    if params.get("customer"):
        call.given("customer", params["customer"], "customer")
    method = None
    if "payment_method" in params:
        method = payment_methods.of_customer(call, params["payment_method"], params.get("customer"))
    intent = call.new(
        "setup_intent",
        "seti",
        application=None,
        attach_to_self=None,
        automatic_payment_methods=params.get("automatic_payment_methods", {"enabled": True}),
        cancellation_reason=None,
        customer=params.get("customer"),
        description=params.get("description"),
        flow_directions=None,
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        metadata=merged({}, params.get("metadata", {})),
        next_action=None,
        on_behalf_of=None,
        payment_method=method and method["id"],
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        single_use_mandate=None,
        status="requires_confirmation" if method else "requires_payment_method",
        usage=params.get("usage") or "off_session",
        _return_url=params.get("return_url"),
        _session=None,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[2:]}"
    call.add(intent)
    call.emit("setup_intent.created", intent)
    return intent


def retrieve(call: Call, _params: Json, intent: str) -> Json:
    return call.named("setup_intent", intent, "intent")


def list_all(call: Call, params: Json) -> Json:
    equal = {name: params[name] for name in ("customer", "payment_method") if name in params}
    return call.page("/v1/setup_intents", "setup_intent", params, **equal)


def update(call: Call, params: Json, intent: str) -> Json:
    found = call.named("setup_intent", intent, "intent")
    if "customer" in params:
        call.given("customer", params["customer"], "customer")
        found["customer"] = params["customer"]
    if "description" in params:
        found["description"] = params["description"]
    if "metadata" in params:
        found["metadata"] = merged(found["metadata"], params["metadata"])
    if "payment_method" in params:
        method = payment_methods.of_customer(call, params["payment_method"], found["customer"])
        found.update(payment_method=method["id"], status="requires_confirmation")
    call.save(found)
    return found


def confirm(call: Call, params: Json, intent: str) -> Json:
    found = call.named("setup_intent", intent, "intent")
    if found["status"] not in _OPEN:
        raise _unexpected(
            found,
            f"You cannot confirm this SetupIntent because it has a status of {found['status']}.",
        )
    if "return_url" in params:
        found["_return_url"] = params["return_url"]
    _confirm(call, found, params.get("payment_method") or found["payment_method"])
    return found


def _confirm(call: Call, intent: Json, method_id: str | None) -> None:
    if method_id is None:
        raise _unexpected(
            intent,
            "You cannot confirm this SetupIntent because it's missing a payment method. Update "
            "the SetupIntent with a payment method and then confirm it again.",
        )
    attempt(call, intent, payment_methods.of_customer(call, method_id, intent["customer"]))


def attempt(call: Call, intent: Json, method: Json) -> None:
    """Try to save this card.

    The intent ends as `succeeded`, or as `requires_action` when the bank asks for 3-D Secure.
    Raises CardRefused when the bank's check failed.
    """
    card = payment_methods.card_of(method)
    intent.update(payment_method=method["id"], last_setup_error=None, next_action=None)
    if card.on_check is not None:
        error = card.on_check.error()
        _fail(call, intent, method, error)
    if card.authentication is Authentication.NEVER:
        _succeed(call, intent, method)
        return
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {
            "return_url": intent["_return_url"],
            "url": f"{call.public_base}/c/authenticate/{intent['id']}",
        },
        "type": "redirect_to_url",
    }
    call.save(intent)
    call.emit("setup_intent.requires_action", intent)


def authenticate(call: Call, intent: Json, *, passed: bool) -> None:
    """The cardholder went through 3-D Secure, or failed it. Raises CardRefused for the latter."""
    method = call.given("payment_method", intent["payment_method"], "payment_method")
    intent["next_action"] = None
    if passed:
        _succeed(call, intent, method)
        return
    error = CardRefused(_FAILED_AUTHENTICATION, "setup_intent_authentication_failure")
    _fail(call, intent, method, error)


def _succeed(call: Call, intent: Json, method: Json) -> None:
    intent["status"] = "succeeded"
    call.save(intent)
    method["_set_up"] = True
    call.save(method)
    if intent["customer"]:
        payment_methods.attach_to(call, method, intent["customer"])
    call.emit("setup_intent.succeeded", intent)


def _fail(call: Call, intent: Json, method: Json, error: CardRefused) -> None:
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_setup_error={**error.body()["error"], "payment_method": public(method)},
    )
    call.save(intent)
    call.emit("setup_intent.setup_failed", intent)
    error.details.update(setup_intent=public(intent), payment_method=public(method))
    raise error


def cancel(call: Call, params: Json, intent: str) -> Json:
    found = call.named("setup_intent", intent, "intent")
    if found["status"] not in _OPEN:
        raise _unexpected(
            found,
            f"You cannot cancel this SetupIntent because it has a status of {found['status']}. "
            "Only a SetupIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_confirmation, requires_action.",
        )
    if found["_session"] is not None:
        raise _unexpected(
            found,
            "You cannot cancel this SetupIntent because it was created by a Checkout Session. "
            "Expire the Checkout Session instead.",
        )
    cancel_open(call, found, params.get("cancellation_reason"))
    return found


def cancel_open(call: Call, intent: Json, reason: str | None) -> None:
    """Cancel without asking whose intent it is."""
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    call.save(intent)
    call.emit("setup_intent.canceled", intent)


def _unexpected(intent: Json, message: str) -> Refused:
    return Refused(message, code="setup_intent_unexpected_state", setup_intent=public(intent))


_ID = "/v1/setup_intents/{intent}"
OPERATIONS = [
    Operation("POST", "/v1/setup_intents", CREATE, create),
    Operation("GET", "/v1/setup_intents", LIST, list_all),
    Operation("GET", _ID, RETRIEVE, retrieve),
    Operation("POST", _ID, UPDATE, update),
    Operation("POST", f"{_ID}/confirm", CONFIRM, confirm),
    Operation("POST", f"{_ID}/cancel", CANCEL, cancel),
]
