"""Takes handed-out automatic payments from their queue."""

import json

from chalice.app import Blueprint, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services import autopay_run

autopay_worker = Blueprint(__name__)


@autopay_worker.on_sqs_message(queue=settings().AUTOPAY_QUEUE, batch_size=1)
def run_autopayments(event: SQSEvent) -> None:
    """One message: charges of a month, further tries, or messages about tomorrow."""
    for record in event:
        with invocation("run_autopayments", record):
            autopay_run.run(json.loads(record.body))
