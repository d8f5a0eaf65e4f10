"""One conditional update alone, which tells on refusal what stood there: one call either way.

pynamodb's own `Model.update` cannot ask DynamoDB for the item that made a condition fail, and a
read after the refusal would be a second call that may see another state.
"""

from typing import Any

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.models.base import Reason, Refusal, connection


def update_alone(
    label: str, model: Model, actions: list[Action], condition: Condition
) -> dict[str, Any]:
    """Change the item with `model`'s key; its raw attributes after the change.

    Raises Refusal whose `item(label)` is the raw item that refused (None: there is none).
    """
    asked: dict[str, Any] = model.get_update_kwargs_from_instance(
        actions, condition, return_values_on_condition_failure="ALL_OLD"
    )
    try:
        answer = connection().client._make_api_call(  # noqa: SLF001 - as models/base.py does
            "UpdateItem", {**asked, "ReturnValues": "ALL_NEW"}
        )
    except ClientError as exc:
        if exc.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
            raise
        standing: Any = exc.response.get("Item")
        raise Refusal([Reason(label, standing)]) from exc
    attributes: dict[str, Any] = answer["Attributes"]
    return attributes
