"""`expand[]`: ids replaced by their objects, https://docs.stripe.com/api/expanding_objects"""

from local.stripe.call import Call, list_object, public
from local.stripe.errors import Json, malformed

_DEEPEST = 4
_REFERENCES = {
    "charge": {"customer": "customer", "payment_intent": "payment_intent"},
    "checkout.session": {
        "customer": "customer",
        "payment_intent": "payment_intent",
        "setup_intent": "setup_intent",
    },
    "customer": {"default_payment_method": "payment_method"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "payment_method": {"customer": "customer"},
    "refund": {
        "charge": "charge",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
    },
    "setup_intent": {"customer": "customer", "payment_method": "payment_method"},
}
"""Which fields of which objects hold the id of what."""


def expanded(call: Call, answer: Json, paths: list[str]) -> Json:
    """The answer with the objects that the paths name. Raises Refused for a path that has none."""
    shown = public(answer)
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEEPEST:
            message = f"You cannot expand more than {_DEEPEST} levels of a property."
            raise malformed(message, "property_expansion_max_depth", "expand")
        if shown["object"] == "list":
            _expand_list(call, shown, parts, path)
        else:
            _expand(call, shown, shown["object"], parts, path)
    return shown


def _expand_list(call: Call, page: Json, parts: list[str], path: str) -> None:
    if parts[0] != "data" or len(parts) == 1:
        hint = f" You may want to try expanding 'data.{path}' instead."
        raise malformed(f"This property cannot be expanded ({path}).{hint}", None, "expand")
    for item in page["data"]:
        _expand(call, item, item["object"], parts[1:], path)


def _expand(call: Call, item: Json, kind: str, parts: list[str], path: str) -> None:
    name, *rest = parts
    value = item.get(name)
    if kind == "charge" and name == "refunds":
        item["refunds"] = value = _refunds(call, item)
    elif kind == "checkout.session" and name == "line_items":
        item["line_items"] = value = _line_items(call, item)
    elif name in _REFERENCES.get(kind, {}):
        if isinstance(value, str):
            item[name] = value = public(call.named(_REFERENCES[kind][name], value))
    elif not (rest and isinstance(value, dict)):
        raise malformed(f"This property cannot be expanded ({path}).", None, "expand")
    if rest and isinstance(value, dict):
        if value.get("object") == "list":
            _expand_list(call, value, rest, path)
        else:
            _expand(call, value, value.get("object", kind), rest, path)


def _refunds(call: Call, charge: Json) -> Json:
    refunds = [public(refund) for refund in call.all("refund", charge=charge["id"])]
    return list_object(f"/v1/charges/{charge['id']}/refunds", refunds)


def _line_items(call: Call, session: Json) -> Json:
    stored = call.named("checkout.session", session["id"])
    lines = [public(line) for line in stored["_lines"]]
    return list_object(f"/v1/checkout/sessions/{session['id']}/line_items", lines)
