"""Events, newest first: https://docs.stripe.com/api/events"""

from local.stripe.call import Call
from local.stripe.errors import Json, malformed
from local.stripe.operation import Operation
from local.stripe.shapes import (
    ONLY_EXPAND,
    PAGE,
    Shape,
    identifier,
    list_of,
    moment_range,
)

LIST = Shape(created=moment_range, type=identifier, types=list_of(identifier), **PAGE)
_MOST_TYPES = 20


def retrieve(call: Call, _params: Json, event: str) -> Json:
    return with_deliveries(call, call.named("event", event))


def list_all(call: Call, params: Json) -> Json:
    """Filter by `type` or by up to 20 `types`, and by bounds of `created`."""
    if "type" in params and "types" in params:
        raise malformed("You may only specify one of these parameters: type, types.", None, "types")
    types = [params["type"]] if "type" in params else params.get("types")
    if types is not None and len(types) > _MOST_TYPES:
        raise malformed(f"You may pass up to {_MOST_TYPES} types.", None, "types")
    asked = params if types is None else {**params, "one_of": ("type", types)}
    page = call.page("/v1/events", "event", asked)
    page["data"] = [with_deliveries(call, event) for event in page["data"]]
    return page


def with_deliveries(call: Call, event: Json) -> Json:
    """The event with the number of endpoints that did not accept it yet."""
    return {**event, "pending_webhooks": int(call.outbox.is_pending(event["id"]))}


OPERATIONS = [
    Operation("GET", "/v1/events", LIST, list_all),
    Operation("GET", "/v1/events/{event}", ONLY_EXPAND, retrieve),
]
