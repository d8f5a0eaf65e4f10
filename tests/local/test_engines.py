"""What the embedded engines keep when they are killed."""

from pathlib import Path
from typing import Any

import boto3

from local import engines


def client(engine: engines.Engine, service: str) -> Any:
    return boto3.client(service, endpoint_url=engine.url, region_name=engines.REGION)  # type: ignore[call-overload]


def listen(engine: engines.Engine) -> str:
    """A queue that hears of new objects."""
    url: str = client(engine, "sqs").create_queue(QueueName="heard")["QueueUrl"]
    bus = client(engine, "events")
    bus.put_rule(Name="heard", EventPattern='{"source": ["aws.s3"]}')
    arn = f"arn:aws:sqs:{engines.REGION}:000000000000:heard"
    bus.put_targets(Rule="heard", Targets=[{"Id": "heard", "Arn": arn}])
    return url


def test_files_survive_a_kill_and_new_ones_are_told_of_as_before(tmp_path: Path) -> None:
    first = engines.start_cloud(tmp_path)
    first.answers()
    s3 = client(first, "s3")
    place = {"LocationConstraint": engines.REGION}
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration=place)
    s3.put_object(Bucket="kept", Key="old.csv", Body=b"old")
    first.process.kill()
    first.process.wait()

    second = engines.start_cloud(tmp_path)
    second.answers()
    s3 = client(second, "s3")
    s3.put_bucket_notification_configuration(
        Bucket="kept", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    queue = listen(second)
    s3.put_object(Bucket="kept", Key="new.csv", Body=b"new")
    heard = client(second, "sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)

    assert s3.get_object(Bucket="kept", Key="old.csv")["Body"].read() == b"old"
    assert "new.csv" in heard["Messages"][0]["Body"]
    second.stop()
