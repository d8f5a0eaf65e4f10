"""EventBridge rules of `infra/` that lead an event to a queue, with what they make of it on the way."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from local import provision
from local.events import Json, matches


def routed(
    event: Json, defined: Callable[[str], dict[str, Json]] = provision.resources
) -> Iterator[tuple[str, str]]:
    """Queue names and message bodies that the rules of `infra/` turn `event` into.

    `defined` gives the resources of a type.

    Input transformers as in
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    queues = defined("AWS::SQS::Queue")
    for rule in defined("AWS::Events::Rule").values():
        properties = rule["Properties"]
        if not matches(properties.get("EventPattern", {}), event):
            continue
        for target in properties.get("Targets", []):
            logical = _logical(target["Arn"])
            if logical in queues:
                yield queues[logical]["Properties"]["QueueName"], _body(target, event)


def _logical(arn: Any) -> str:
    found = arn.get("Fn::GetAtt") if isinstance(arn, dict) else None
    return str(found[0] if isinstance(found, list) else str(found or "").partition(".")[0])


def _body(target: Json, event: Json) -> str:
    transformer = target.get("InputTransformer")
    if transformer is None:
        return json.dumps(event, ensure_ascii=False)
    values = {n: _at(event, path) for n, path in transformer.get("InputPathsMap", {}).items()}

    def quoted(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return json.dumps(value if isinstance(value, str) else json.dumps(value))

    def bare(match: re.Match[str]) -> str:
        return json.dumps(values.get(match[1]), ensure_ascii=False)

    template = re.sub(r'"<([\w.-]+)>"', quoted, transformer["InputTemplate"])
    return re.sub(r"<([\w.-]+)>", bare, template)


def _at(event: Any, path: str) -> Any:
    """The value at a path such as `$.detail.mail.tags.message_id[0]`; None where there is none."""
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", path.removeprefix("$")):
        try:
            event = event[name] if name else event[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return event
