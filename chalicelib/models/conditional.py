"""One conditional update alone, which tells on refusal what stood there: one call either way.

pynamodb's own `Model.update` cannot ask DynamoDB for the item that made a condition fail, and a
read after the refusal would be a second call that may see another state.
"""

import random
import time
from typing import Any, Final

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.models.base import CONFLICT_TRIES, Reason, Refusal, connection

# A lone update that meets a transaction on its item is refused with this, and the SDK does not try
# again: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
CONFLICT: Final = "TransactionConflictException"


def update_alone(
    label: str, model: Model, actions: list[Action], condition: Condition
) -> dict[str, Any]:
    """Change the item with `model`'s key; its raw attributes after the change.

    Raises Refusal whose `item(label)` is the raw item that refused (None: there is none).
    """
    asked: dict[str, Any] = model.get_update_kwargs_from_instance(
        actions, condition, return_values_on_condition_failure="ALL_OLD"
    )
    asked["ReturnValues"] = "ALL_NEW"
    for attempt in range(CONFLICT_TRIES):
        try:
            answer = connection().client._make_api_call("UpdateItem", asked)  # noqa: SLF001 - as base.py
        except ClientError as exc:
            code = exc.response.get("Error", {}).get("Code")
            if code == "ConditionalCheckFailedException":
                standing: Any = exc.response.get("Item")
                raise Refusal([Reason(label, standing)]) from exc
            if code != CONFLICT or attempt == CONFLICT_TRIES - 1:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - spreads load
        else:
            attributes: dict[str, Any] = answer["Attributes"]
            return attributes
    raise AssertionError
