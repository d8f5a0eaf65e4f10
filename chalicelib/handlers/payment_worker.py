"""Takes the payment provider's events from their queue; raising is the retry."""

import json

from chalice.app import Blueprint, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services import payment_events

payment_worker = Blueprint(__name__)


@payment_worker.on_sqs_message(queue=settings().PAYMENT_EVENTS_QUEUE, batch_size=1)
def settle_payment_events(event: SQSEvent) -> None:
    """One event: look at what it was about, and settle."""
    for record in event:
        told = json.loads(record.body)
        with invocation(
            "settle_payment_events",
            record,
            event_id=str(told.get("event_id", "")),
            type=str(told.get("type", "")),
        ):
            payment_events.handle(told)
