"""The cabinet's way into its bucket, against the embedded S3."""

import uuid
from pathlib import Path

import boto3
import pytest

from infra import definitions
from infra.upload import in_order, upload
from local.world import World


@pytest.fixture
def bucket(world: World) -> str:
    assert world.url  # the engines run
    name = f"cabinet-{uuid.uuid4()}"
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    files = ("index.html", "sw.js", ".stamp", "assets/index-1.js", "assets/a-1.woff2", "icon.svg")
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(f"{file}, первая")
    return tmp_path


def test_files_come_with_their_kind_and_how_long_they_are_kept(bucket: str, dist: Path) -> None:
    upload(dist, bucket)
    s3 = boto3.client("s3")

    found = {
        key: (told["ContentType"], told["CacheControl"])
        for key in _keys(bucket)
        for told in [s3.head_object(Bucket=bucket, Key=key)]
    }

    forever = "public, max-age=31536000, immutable"
    assert found == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "sw.js": ("text/javascript; charset=utf-8", "no-cache"),
        "icon.svg": ("image/svg+xml", "no-cache"),
        "assets/index-1.js": ("text/javascript; charset=utf-8", forever),
        "assets/a-1.woff2": ("font/woff2", forever),
    }


def test_the_page_comes_after_what_it_names(dist: Path) -> None:
    assert in_order(dist) == [
        "assets/a-1.woff2",
        "assets/index-1.js",
        "icon.svg",
        "sw.js",
        "index.html",
    ]


def test_the_buckets_rule_takes_away_what_the_upload_marks() -> None:
    bucket = definitions.template()["Resources"]["CabinetBucket"]["Properties"]
    rules = bucket["LifecycleConfiguration"]["Rules"]

    assert [
        (rule["TagFilters"], rule["ExpirationInDays"]) for rule in rules if "TagFilters" in rule
    ] == [([{"Key": "retired", "Value": "true"}], 30)]


def test_files_of_the_former_page_stay_a_month_and_come_back_with_it(
    bucket: str, dist: Path
) -> None:
    upload(dist, bucket)
    (dist / "assets/index-1.js").rename(dist / "assets/index-2.js")

    upload(dist, bucket)
    written = _versions(bucket, "assets/index-1.js")
    upload(dist, bucket)

    assert _tags(bucket, "assets/index-1.js") == {"retired": "true"}
    assert _versions(bucket, "assets/index-1.js") == written == 2  # the month does not begin anew
    assert _tags(bucket, "assets/index-2.js") == {"retired": "false"}
    body = boto3.client("s3").get_object(Bucket=bucket, Key="assets/index-1.js")["Body"].read()
    assert body.decode() == "assets/index-1.js, первая"

    (dist / "assets/index-2.js").rename(dist / "assets/index-1.js")
    upload(dist, bucket)

    assert _tags(bucket, "assets/index-1.js") == {"retired": "false"}
    assert _tags(bucket, "assets/index-2.js") == {"retired": "true"}


def _keys(bucket: str) -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket)
    return [each["Key"] for each in listed["Contents"]]


def _tags(bucket: str, key: str) -> dict[str, str]:
    found = boto3.client("s3").get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def _versions(bucket: str, key: str) -> int:
    listed = boto3.client("s3").list_object_versions(Bucket=bucket, Prefix=key)
    return len(listed["Versions"])
