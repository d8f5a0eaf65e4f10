"""Puts the built cabinet into its bucket: `python -m infra.upload web/dist BUCKET`.

What pages load comes before the page that names it, so that nobody meets a page whose files are not
there yet. Files that the new page does not name stay for those who have the former one open: they are
marked as retired, and the bucket's rule takes them away a month later.
"""

import argparse
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3

from infra.cabinet import cache_control

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LAST: Final = ("sw.js", "index.html")
"""What names the other files, in this order after them."""
_RETIRED: Final = {"Key": "retired", "Value": "true"}
"""The tag that the bucket's rule looks for."""


def main() -> None:
    """Upload what was built."""
    parser = argparse.ArgumentParser(description="Upload the built cabinet.")
    parser.add_argument("dist", type=Path)
    parser.add_argument("bucket")
    asked = parser.parse_args()
    upload(asked.dist, asked.bucket)


def upload(dist: Path, bucket: str) -> None:
    """Put every file of `dist`, then mark what is in the bucket beside them."""
    client = boto3.client("s3")
    keys = in_order(dist)
    for key in keys:
        _put(client, bucket, key, (dist / key).read_bytes())
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", ()):
            if found["Key"] not in keys:
                _retire(client, bucket, found["Key"])


def in_order(dist: Path) -> list[str]:
    """The keys of the files: assets first, then the others, at last those that name them."""
    files = (file.relative_to(dist) for file in dist.rglob("*") if file.is_file())
    keys = [file.as_posix() for file in files if not file.name.startswith(".")]

    def place(key: str) -> tuple[int, str]:
        if key in LAST:
            return 2 + LAST.index(key), key
        return (0 if key.startswith("assets/") else 1), key

    return sorted(keys, key=place)


def _retire(client: "S3Client", bucket: str, key: str) -> None:
    """Begin the month of a file: it is written anew, for the bucket's rule counts from then on."""
    if _RETIRED not in client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]:
        body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        _put(client, bucket, key, body, retired=True)


def _put(client: "S3Client", bucket: str, key: str, body: bytes, *, retired: bool = False) -> None:
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    client.put_object(
        Bucket=bucket,
        Key=key,
        Body=body,
        ContentType=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        CacheControl=cache_control(key),
        Tagging=f"retired={str(retired).lower()}",
    )


if __name__ == "__main__":
    main()
