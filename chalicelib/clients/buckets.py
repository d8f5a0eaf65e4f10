"""S3: files of the billing system, in and out. Nothing is read whole that can be large."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PIECE: int = 1 << 18
"""Bytes that are read at once from a stream."""


class ObjectGone(Exception):
    """The object is not there any more, or another one stands in its place."""


@dataclass(frozen=True)
class Stored:
    """One object as it was uploaded: a later upload under the same key is another one."""

    bucket: str
    key: str
    etag: str
    version_id: str | None = None


def stream(stored: Stored, first_byte: int, end_byte: int | None = None) -> Iterator[bytes]:
    """Bytes from `first_byte` to before `end_byte`, piece by piece: one call. Raises ObjectGone."""
    from botocore.exceptions import ClientError

    asked: dict[str, Any] = {
        "Bucket": stored.bucket,
        "Key": stored.key,
        "Range": f"bytes={first_byte}-{'' if end_byte is None else end_byte - 1}",
    }
    if stored.version_id:
        asked["VersionId"] = stored.version_id
    else:
        asked["IfMatch"] = stored.etag
    try:
        answer = _client().get_object(**asked)
    except ClientError as exc:
        code = exc.response.get("Error", {}).get("Code")
        if code in ("NoSuchKey", "NoSuchVersion", "PreconditionFailed", "404", "412"):
            raise ObjectGone(stored.key) from exc
        raise
    yield from answer["Body"].iter_chunks(PIECE)


def read(stored: Stored, first_byte: int, end_byte: int) -> bytes:
    """A range as a whole: one call. Raises ObjectGone."""
    return b"".join(stream(stored, first_byte, end_byte)) if end_byte > first_byte else b""


def write(bucket: str, key: str, content: IO[bytes], content_type: str) -> None:
    """Store what `content` holds from its beginning, in parts when it is large."""
    content.seek(0)
    _client().upload_fileobj(
        content, bucket, key, ExtraArgs={"ContentType": content_type}, Config=_sending()
    )


@lru_cache(maxsize=1)
def _sending() -> Any:
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(max_concurrency=2, use_threads=False)


@lru_cache(maxsize=1)
def _client() -> "S3Client":
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        config=Config(
            connect_timeout=2,
            read_timeout=20,
            retries={"total_max_attempts": 4, "mode": "standard"},
            max_pool_connections=10,
        ),
    )
