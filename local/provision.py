"""Tables, queues and buckets of `infra/`, made on the embedded cloud: the definitions of production.

Only what the engines know is passed on: dynoxide has no point-in-time recovery, encryption settings
or deletion protection. Everything that exists already is left as it is.
"""

import json
import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra import definitions

ACCOUNT_ID = "000000000000"
STAGE = "local"
_QUICK = Config(retries={"max_attempts": 2}, connect_timeout=2, read_timeout=10)


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type that `infra/*.json` define, with their names resolved."""
    every = definitions.template()["Resources"]
    chosen = {k: v for k, v in every.items() if v.get("Type") == kind}
    return {k: definitions.resolved(v, STAGE, ACCOUNT_ID) for k, v in chosen.items()}


def environment() -> dict[str, str]:
    """The settings that name tables, queues and buckets: `AccountsTable` gives ACCOUNTS_TABLE."""
    return definitions.names(STAGE, ACCOUNT_ID)


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
        if "BucketName" not in properties:  # the cabinet's: `local/cabinet.py` serves web/dist
            continue
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
