"""Takes handed-out automatic payments from their queue."""

import json

from chalice.app import Blueprint, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services import autopay_run

autopay_worker = Blueprint(__name__)

AT_ONCE = 8
"""Workers, each with one charge under way: the provider takes about 25 charges a second."""


@autopay_worker.on_sqs_message(
    queue=settings().AUTOPAY_QUEUE, batch_size=1, maximum_concurrency=AT_ONCE
)
def run_autopayments(event: SQSEvent) -> None:
    """One message: charges of a month, further tries, or messages about tomorrow."""
    for record in event:
        with invocation("run_autopayments", record):
            # A long run of a few days' charges: its time limit is in .chalice/config.json.
            remaining_ms = event.context.get_remaining_time_in_millis  # type: ignore[union-attr]
            autopay_run.run(json.loads(record.body), remaining_ms)
