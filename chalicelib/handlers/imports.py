"""The import bucket's door: what comes in is noted, cut and taken in from a queue."""

import json

from chalice.app import Blueprint, CloudWatchEvent, Rate, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services import import_parts
from chalicelib.services import imports as importing

imports = Blueprint(__name__)


@imports.on_cw_event(
    {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [settings().IMPORT_BUCKET]}},
    }
)
def notice_import(event: CloudWatchEvent) -> None:
    """A file was put into the bucket."""
    with invocation("notice_import") as line:
        stored = event.detail["object"]
        file_id = importing.begin(
            stored["key"],
            stored.get("etag", ""),
            int(stored.get("size", 0)),
            stored.get("version-id"),
            stored.get("sequencer", ""),
        )
        line["file"] = file_id


@imports.on_sqs_message(queue=settings().IMPORTS_QUEUE, batch_size=1)
def take_in_imports(event: SQSEvent) -> None:
    """One step of one file: cutting the next parts, or taking in a part."""
    for record in event:
        told = json.loads(record.body)
        with invocation("take_in_imports", record, file=told["file"], part=told["part"]):
            if told["part"] == importing.SPLIT:
                importing.split(told["file"])
            else:
                import_parts.work(told["file"], told["part"])


@imports.schedule(Rate(15, unit=Rate.MINUTES))
def take_up_imports(_: CloudWatchEvent) -> None:
    """Take up files that stand still. Safe to run twice or in parallel."""
    with invocation("take_up_imports") as line:
        line["found"] = importing.take_up()
