"""Tables, queues and buckets of `infra/`, made on the embedded cloud: the definitions of production.

Only what the engines know is passed on: dynoxide has no point-in-time recovery, encryption settings
or deletion protection. Everything that exists already is left as it is.
"""

import json
import os
from contextlib import suppress
from typing import Any

from infra import definitions
from local.engines import Cloud

ACCOUNT_ID = "000000000000"
STAGE = "local"


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type that `infra/*.json` define, with their names resolved."""
    every = definitions.template()["Resources"]
    chosen = {k: v for k, v in every.items() if v.get("Type") == kind}
    return {k: definitions.resolved(v, STAGE, ACCOUNT_ID) for k, v in chosen.items()}


def environment() -> dict[str, str]:
    """The settings that name tables, queues and buckets: `AccountsTable` gives ACCOUNTS_TABLE."""
    return definitions.names(STAGE, ACCOUNT_ID)


def make(cloud: Cloud) -> None:
    """Create what is not there yet as soon as the engines answer. Raises EngineMissing."""
    cloud.dynamodb.answers()
    _make_tables(_client("dynamodb"))
    cloud.services.answers()
    _make_queues(_client("sqs"))
    _make_buckets(_client("s3"))


def _client(service: str) -> Any:
    import boto3  # here and below: the engines are begun before, and come up while this loads
    from botocore.config import Config

    quick = Config(retries={"max_attempts": 2}, connect_timeout=2, read_timeout=10)
    return boto3.client(service, config=quick)  # type: ignore[call-overload]


def _make_tables(client: Any) -> None:
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


def _make_queues(client: Any) -> None:
    """Create the queues with their dead-letter queues."""
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
        client.create_queue(QueueName=properties["QueueName"], Attributes=attributes)


def _make_buckets(client: Any) -> None:
    """Create the buckets; those that report to EventBridge do."""
    for bucket in resources("AWS::S3::Bucket").values():
        properties = bucket["Properties"]
        if "BucketName" not in properties:  # the cabinet's: `local/cabinet.py` serves web/dist
            continue
        name = properties["BucketName"]
        known = client.exceptions
        with suppress(known.BucketAlreadyOwnedByYou, known.BucketAlreadyExists):
            client.create_bucket(
                Bucket=name,
                CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_DEFAULT_REGION"]},
            )
        if "NotificationConfiguration" in properties:
            client.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )
