"""Takes hints of messages to send from their queue. The outbox knows what is still to be done."""

import json

from chalice.app import Blueprint, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services import delivery

message_worker = Blueprint(__name__)


@message_worker.on_sqs_message(queue=settings().MESSAGES_QUEUE, batch_size=1)
def send_messages(event: SQSEvent) -> None:
    """One message."""
    for record in event:
        message_id = json.loads(record.body)["message_id"]
        with invocation("send_messages", record, message_id=message_id) as line:
            line["outcome"] = delivery.deliver(message_id).value
