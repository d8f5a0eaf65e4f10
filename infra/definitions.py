"""What `infra/*.json` define, read once for everybody: the package, the embedded cloud, the tests."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
NAMED = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName",
}
"""Resource types whose names are settings where we give them, with the property that names them."""


@lru_cache(maxsize=1)
def template() -> dict[str, Any]:
    """All files as one CloudFormation template."""
    merged: dict[str, Any] = {}
    for file in sorted(FOLDER.glob("*.json")):
        content = json.loads(file.read_text())
        if "Resources" in content or "Parameters" in content:
            merge(merged, content)
    return merged


def merge(into: dict[str, Any], other: dict[str, Any]) -> None:
    """Put what `other` has into `into`, objects within objects."""
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def settings_of_resources() -> dict[str, str]:
    """Settings that name resources: `ACCOUNTS_TABLE` is the logical `AccountsTable`."""
    return {
        upper_snake(logical): logical
        for logical, resource in template()["Resources"].items()
        if _is_named(resource) and "DeadLetter" not in logical
    }


def _is_named(resource: dict[str, Any]) -> bool:
    """Whether the application finds it by a name that we gave."""
    return NAMED.get(resource.get("Type", "")) in resource.get("Properties", {})


def upper_snake(logical: str) -> str:
    """`AccountsTable` as `ACCOUNTS_TABLE`."""
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in logical).lstrip("_")


def resolved(value: Any, stage: str, account_id: str) -> Any:
    """`value` with the Fn::Sub of stage and account id worked out."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
            text = value["Fn::Sub"].replace("${Stage}", stage)
            return text.replace("${AWS::AccountId}", account_id)
        return {k: resolved(v, stage, account_id) for k, v in value.items()}
    if isinstance(value, list):
        return [resolved(v, stage, account_id) for v in value]
    return value


def names(stage: str, account_id: str = "000000000000") -> dict[str, str]:
    """The names behind `settings_of_resources` on one stage."""
    resources = template()["Resources"]
    found = {}
    for setting, logical in settings_of_resources().items():
        name_property = NAMED[resources[logical]["Type"]]
        found[setting] = resolved(
            resources[logical]["Properties"][name_property], stage, account_id
        )
    return found
