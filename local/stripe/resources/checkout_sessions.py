"""Checkout sessions in the modes payment and setup: https://docs.stripe.com/api/checkout/sessions

Creating, reading and expiring are here; what the person on the page does is in `hosted.py`.
"""

from local.stripe.call import Call, list_object, new_id, public
from local.stripe.errors import Json, Refused, malformed
from local.stripe.operation import Operation
from local.stripe.resources import payment_intents, setup_intents
from local.stripe.shapes import (
    ADDRESS,
    EXPAND,
    LARGEST_AMOUNT,
    ONLY_EXPAND,
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
    integer,
    list_of,
    merged,
    metadata,
    moment_range,
    no_longer_supported,
    positive,
    text,
    url,
)

DAY = 86_400
SHORTEST = 30 * 60
"""A session may expire from 30 minutes to 24 hours after it was made; 24 hours is the default."""

# fmt: off
_LOCALES = (
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)
# fmt: on

_INTENT_DATA: dict[str, Kind | Required] = {"description": text, "metadata": metadata}
CREATE = Shape(
    allowed_payment_method_types=list_of(choice("card")),
    billing_address_collection=choice("auto", "required"),
    cancel_url=url,
    client_reference_id=text,
    currency=currency,
    customer=identifier,
    customer_creation=choice("always", "if_required"),
    customer_email=text,
    excluded_payment_method_types=list_of(text),
    expires_at=integer,
    line_items=list_of(
        Shape(
            price_data=Required(
                Shape(
                    currency=Required(currency),
                    product_data=Required(
                        Shape(
                            name=Required(text),
                            description=text,
                            images=list_of(url),
                            metadata=metadata,
                        )
                    ),
                    unit_amount=Required(amount),
                )
            ),
            quantity=Required(positive),
        )
    ),
    locale=choice(*_LOCALES),
    metadata=metadata,
    mode=Required(choice("payment", "setup")),
    payment_intent_data=Shape(
        receipt_email=text,
        setup_future_usage=choice("off_session", "on_session"),
        shipping=Shape(address=ADDRESS, name=text, phone=text),
        statement_descriptor=text,
        statement_descriptor_suffix=text,
        transfer_group=text,
        **_INTENT_DATA,
    ),
    payment_method_options=anything,
    payment_method_types=no_longer_supported,
    phone_number_collection=Shape(enabled=Required(boolean)),
    setup_intent_data=Shape(**_INTENT_DATA),
    submit_type=choice("auto", "book", "donate", "pay"),
    success_url=Required(url),
    ui_mode=choice("hosted_page"),
    **EXPAND,
)
UPDATE = Shape(metadata=metadata, **EXPAND)
LIST = Shape(
    customer=identifier,
    payment_intent=identifier,
    status=choice("open", "complete", "expired"),
    created=moment_range,
    **PAGE,
)


def create(call: Call, params: Json) -> Json:
    """A session with its page; in setup mode with its setup intent too.

    In payment mode the payment intent comes with the first attempt to pay
    (https://docs.stripe.com/changelog/2022-08-01/deferred-paymentintent-checkout-session).
    """
    _check(call, params)
    lines = [_line(line) for line in params.get("line_items") or []]
    total = sum(line["amount_total"] for line in lines)
    if total > LARGEST_AMOUNT:
        message = f"The Checkout Session's total amount must be no more than {LARGEST_AMOUNT}."
        raise Refused(message, code="amount_too_large")
    paying = params["mode"] == "payment"
    session = call.new(
        "checkout.session",
        "cs_test",
        after_expiration=None,
        allow_promotion_codes=None,
        amount_subtotal=total if paying else None,
        amount_total=total if paying else None,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=params.get("billing_address_collection"),
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        client_secret=None,
        consent=None,
        currency=lines[0]["currency"] if lines else params.get("currency"),
        custom_fields=[],
        custom_text={},
        customer=params.get("customer"),
        customer_creation=_customer_creation(params),
        customer_details=None,
        customer_email=params.get("customer_email"),
        discounts=[],
        expires_at=params.get("expires_at", call.now + DAY),
        invoice=None,
        invoice_creation=None,
        locale=params.get("locale"),
        metadata=merged({}, params.get("metadata", {})),
        mode=params["mode"],
        payment_intent=None,
        payment_link=None,
        payment_method_collection="always" if paying else None,
        payment_method_options={},
        payment_method_types=["card"],
        payment_status="unpaid" if paying else "no_payment_required",
        phone_number_collection={"enabled": False},
        recovered_from=None,
        setup_intent=None,
        shipping_address_collection=None,
        shipping_cost=None,
        shipping_options=[],
        status="open",
        submit_type=params.get("submit_type"),
        subscription=None,
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
        if paying
        else None,
        ui_mode="hosted_page",
        _intent_data=params.get("payment_intent_data", {}),
        _lines=lines,
    )
    session["id"] = new_id("cs_test", 58)
    session["url"] = f"{call.public_base}/c/pay/{session['id']}"
    if not paying:
        session["setup_intent"] = _setup_intent(call, session, params)
    call.add(session)
    return session


def _check(call: Call, params: Json) -> None:
    if params.get("customer") and params.get("customer_email"):
        message = "You may only specify one of these parameters: customer, customer_email."
        raise malformed(message, None, "customer_email")
    if params.get("customer"):
        call.given("customer", params["customer"], "customer")
    if params["mode"] == "payment":
        _check_payment(params)
    else:
        _check_setup(params)
    left = params.get("expires_at", call.now + DAY) - call.now
    if left < SHORTEST:
        message = "at least 30 minutes from Checkout Session creation."
        raise Refused(f"The `expires_at` timestamp must be {message}", param="expires_at")
    if left > DAY:
        message = "less than 24 hours from Checkout Session creation."
        raise Refused(f"The `expires_at` timestamp must be {message}", param="expires_at")


def _check_payment(params: Json) -> None:
    if "setup_intent_data" in params:
        message = "You can not pass `setup_intent_data` in `payment` mode."
        raise malformed(message, None, "setup_intent_data")
    lines = params.get("line_items")
    if not lines:
        message = "Missing required param: line_items."
        raise malformed(message, "parameter_missing", "line_items")
    asked = {line["price_data"]["currency"] for line in lines}
    if len(asked) > 1:
        raise malformed("All line items must have the same currency.", None, "line_items")
    if params.get("currency", *asked) not in asked:
        message = "The specified currency does not match the currency of the line items."
        raise malformed(message, None, "currency")


def _check_setup(params: Json) -> None:
    for name in ("line_items", "payment_intent_data", "submit_type"):
        if name in params:
            raise malformed(f"You can not pass `{name}` in `setup` mode.", None, name)
    if "currency" not in params and "allowed_payment_method_types" not in params:
        raise malformed("Missing required param: currency.", "parameter_missing", "currency")


def _customer_creation(params: Json) -> str | None:
    if params.get("customer") or params["mode"] == "setup":
        return None
    return str(params.get("customer_creation") or "if_required")


def _line(asked: Json) -> Json:
    """A line item with its price, as `expand=["line_items"]` shows it."""
    data, quantity = asked["price_data"], asked["quantity"]
    total = data["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": data["currency"],
        "description": data["product_data"]["name"],
        "metadata": {},
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "currency": data["currency"],
            "product": new_id("prod", 14),
            "recurring": None,
            "type": "one_time",
            "unit_amount": data["unit_amount"],
            "unit_amount_decimal": str(data["unit_amount"]),
        },
        "quantity": quantity,
        "_note": data["product_data"].get("description"),
    }


def _setup_intent(call: Call, session: Json, params: Json) -> str:
    data = params.get("setup_intent_data", {})
    intent = setup_intents.new_intent(call, {**data, "customer": params.get("customer")})
    intent["_session"] = session["id"]
    call.save(intent)
    return str(intent["id"])


def retrieve(call: Call, _params: Json, session: str) -> Json:
    return current(call, session)


def list_all(call: Call, params: Json) -> Json:
    expire_due(call)
    names = ("customer", "payment_intent", "status")
    equal = {name: params[name] for name in names if name in params}
    return call.page("/v1/checkout/sessions", "checkout.session", params, **equal)


def list_lines(call: Call, params: Json, session: str) -> Json:
    lines = current(call, session)["_lines"][: params.get("limit", 10)]
    url = f"/v1/checkout/sessions/{session}/line_items"
    return list_object(url, [public(line) for line in lines])


def update(call: Call, params: Json, session: str) -> Json:
    found = current(call, session)
    if "metadata" in params:
        found["metadata"] = merged(found["metadata"], params["metadata"])
        call.save(found)
    return found


def expire(call: Call, _params: Json, session: str) -> Json:
    found = current(call, session)
    if found["status"] != "open":
        raise Refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{found['status']}`."
        )
    close_unfinished(call, found)
    return found


def current(call: Call, session_id: str) -> Json:
    """The session, expired first if its time has passed. Raises Refused, 404."""
    session = call.named("checkout.session", session_id, "session")
    if session["status"] == "open" and session["expires_at"] <= call.now:
        close_unfinished(call, session)
    return session


def expire_due(call: Call) -> None:
    """Expire every open session whose time has passed."""
    for session in call.all("checkout.session", status="open"):
        if session["expires_at"] <= call.now:
            close_unfinished(call, session)


def close_unfinished(call: Call, session: Json) -> None:
    """The session expires, and with it the intent that nobody finished."""
    session.update(status="expired", url=None)
    call.save(session)
    if session["payment_intent"]:
        intent = call.named("payment_intent", session["payment_intent"])
        payment_intents.cancel_open(call, intent, "expired")
    if session["setup_intent"]:
        intent = call.named("setup_intent", session["setup_intent"])
        setup_intents.cancel_open(call, intent, "abandoned")
    call.emit("checkout.session.expired", session)


def success_address(session: Json) -> str:
    """Where the payer goes after success, with the session's id filled in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


_ID = "/v1/checkout/sessions/{session}"
OPERATIONS = [
    Operation("POST", "/v1/checkout/sessions", CREATE, create),
    Operation("GET", "/v1/checkout/sessions", LIST, list_all),
    Operation("GET", _ID, ONLY_EXPAND, retrieve),
    Operation("POST", _ID, UPDATE, update),
    Operation("GET", f"{_ID}/line_items", Shape(**PAGE), list_lines),
    Operation("POST", f"{_ID}/expire", ONLY_EXPAND, expire),
]
