"""What a person does on the hosted page: pays or saves a card, and passes 3-D Secure or not."""

from dataclasses import dataclass

from local.stripe import paying
from local.stripe.call import Call
from local.stripe.errors import Json, Refused
from local.stripe.resources import checkout_sessions, customers, payment_intents, setup_intents
from local.stripe.resources.payment_methods import new_card


@dataclass(frozen=True)
class CardEntry:
    """What stands in the form. `email` is asked only of a payer whom nobody named."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str
    email: str | None = None


def open_session(call: Call, session_id: str) -> Json:
    """The session to act on. Raises Refused when it is complete or expired."""
    session = checkout_sessions.current(call, session_id)
    if session["status"] != "open":
        raise Refused(
            f"This Checkout Session is not open: it is {session['status']}.",
            code="checkout_session_not_open",
        )
    return session


def submit(call: Call, session_id: str, entry: CardEntry) -> Json:
    """Pay the session, or save the card for it; returns the intent.

    The intent is then `succeeded`, and the session complete, or it is `requires_action` and waits
    for `authenticate`. Raises CardRefused when the card was refused; the session stays open.
    """
    session = open_session(call, session_id)
    email = entry.email or _known_email(call, session)
    method = new_card(
        call,
        entry.number,
        exp_month=entry.exp_month,
        exp_year=entry.exp_year,
        cvc=entry.cvc,
        email=email,
    )
    session["customer_details"] = {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if session["mode"] == "setup":
        intent = call.named("setup_intent", session["setup_intent"])
        setup_intents.attempt(call, intent, method)
    else:
        intent = _payment_intent(call, session, email)
        paying.attempt(call, intent, method, off_session=False)
    _complete(call, session, intent)
    return intent


def authenticate(call: Call, intent_id: str, *, passed: bool) -> Json:
    """Answer the bank's question; returns the intent.

    Raises CardRefused when it failed, or when the bank refused the payment after it.
    """
    intent = find_intent(call, intent_id)
    if intent["status"] != "requires_action":
        raise Refused(f"{intent_id} does not wait for authentication: it is {intent['status']}.")
    owner = intent["_session"]
    session = None if owner is None else open_session(call, owner)
    if intent["object"] == "setup_intent":
        setup_intents.authenticate(call, intent, passed=passed)
    else:
        paying.authenticate(call, intent, passed=passed)
    if session is not None:
        _complete(call, session, intent)
    return intent


def find_intent(call: Call, intent_id: str) -> Json:
    """The payment or setup intent of an id. Raises Refused, 404."""
    kind = "setup_intent" if intent_id.startswith("seti_") else "payment_intent"
    return call.named(kind, intent_id, "intent")


def _known_email(call: Call, session: Json) -> str | None:
    if session["customer"] is None:
        email: str | None = session["customer_email"]
    else:
        email = call.named("customer", session["customer"]).get("email")
    return email


def _payment_intent(call: Call, session: Json, email: str | None) -> Json:
    """The session's intent, made at the first attempt."""
    if session["payment_intent"]:
        return call.named("payment_intent", session["payment_intent"])
    data = session["_intent_data"]
    if session["customer"] is None and (
        session["customer_creation"] == "always" or data.get("setup_future_usage")
    ):
        session["customer"] = customers.create(call, {"email": email})["id"]
    intent = payment_intents.new_intent(
        call,
        {
            **data,
            "amount": session["amount_total"],
            "currency": session["currency"],
            "customer": session["customer"],
        },
    )
    intent["_session"] = session["id"]
    call.save(intent)
    session["payment_intent"] = intent["id"]
    call.save(session)
    return intent


def _complete(call: Call, session: Json, intent: Json) -> None:
    if intent["status"] == "succeeded":
        session.update(status="complete", url=None)
        if session["mode"] == "payment":
            session["payment_status"] = "paid"
    call.save(session)
    if session["status"] == "complete":
        call.emit("checkout.session.completed", session)
