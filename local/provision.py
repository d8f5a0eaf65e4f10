"""Tables, queues and buckets of `infra/`, made on the embedded cloud: the definitions of production.

Only what the engines know is passed on: dynoxide has no point-in-time recovery, encryption settings
or deletion protection. Everything that exists already is left as it is.
"""

import json
import os
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

INFRA = Path(__file__).resolve().parent.parent / "infra"
ACCOUNT_ID = "000000000000"
STAGE = "local"
_QUICK = Config(retries={"max_attempts": 2}, connect_timeout=2, read_timeout=10)


def resources(kind: str | None = None) -> dict[str, dict[str, Any]]:
    """The resources that `infra/*.json` define, with their names resolved; of one type if asked."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(INFRA.glob("*.json")):
        found |= json.loads(file.read_text()).get("Resources", {})
    chosen = {k: v for k, v in found.items() if kind is None or v.get("Type") == kind}
    return {k: {**v, "Properties": _resolved(v.get("Properties", {}))} for k, v in chosen.items()}


def _resolved(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
            text = value["Fn::Sub"].replace("${Stage}", STAGE)
            return text.replace("${AWS::AccountId}", ACCOUNT_ID)
        return {k: _resolved(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolved(v) for v in value]
    return value


def environment() -> dict[str, str]:
    """The settings that name tables, queues and buckets: `AccountsTable` gives ACCOUNTS_TABLE."""
    named = {
        "AWS::DynamoDB::Table": "TableName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::S3::Bucket": "BucketName",
    }
    found = {}
    for logical, resource in resources().items():
        if resource.get("Type") in named and "DeadLetter" not in logical:
            name = resource["Properties"][named[resource["Type"]]]
            found[_upper_snake(logical)] = name
    return found


def _upper_snake(logical: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in logical).lstrip("_")


def make_tables() -> None:
    """Create the tables that are not there yet."""
    client = boto3.client("dynamodb", config=_QUICK)
    known = set(client.list_tables()["TableNames"])
    for table in resources("AWS::DynamoDB::Table").values():
        properties = table["Properties"]
        if properties["TableName"] in known:
            continue
        names = (
            "TableName",
            "BillingMode",
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
        )
        client.create_table(**{n: properties[n] for n in names if n in properties})
        if "TimeToLiveSpecification" in properties:
            client.update_time_to_live(
                TableName=properties["TableName"],
                TimeToLiveSpecification=properties["TimeToLiveSpecification"],
            )


def make_queues() -> None:
    """Create the queues with their dead-letter queues."""
    client = boto3.client("sqs", config=_QUICK)
    queues = resources("AWS::SQS::Queue")
    for logical, queue in sorted(
        queues.items(), key=lambda q: "RedrivePolicy" in q[1]["Properties"]
    ):
        properties = queue["Properties"]
        attributes = {
            k: str(properties[k])
            for k in ("VisibilityTimeout", "MessageRetentionPeriod")
            if k in properties
        }
        if "RedrivePolicy" in properties:
            policy = properties["RedrivePolicy"]
            dead = queues[policy["deadLetterTargetArn"]["Fn::GetAtt"][0]]["Properties"]["QueueName"]
            arn = f"arn:aws:sqs:{os.environ['AWS_DEFAULT_REGION']}:{ACCOUNT_ID}:{dead}"
            attributes["RedrivePolicy"] = json.dumps({**policy, "deadLetterTargetArn": arn})
        del logical
        client.create_queue(QueueName=properties["QueueName"], Attributes=attributes)  # type: ignore[arg-type]


def make_buckets() -> None:
    """Create the buckets; those that report to EventBridge do."""
    client = boto3.client("s3", config=_QUICK)
    for bucket in resources("AWS::S3::Bucket").values():
        properties = bucket["Properties"]
        name = properties["BucketName"]
        try:
            client.create_bucket(
                Bucket=name,
                CreateBucketConfiguration={
                    "LocationConstraint": os.environ["AWS_DEFAULT_REGION"]  # type: ignore[typeddict-item]
                },
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in (
                "BucketAlreadyOwnedByYou",
                "BucketAlreadyExists",
            ):
                raise
        if "NotificationConfiguration" in properties:
            client.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )
