"""Takes bounces and complaints from their queue, as the rules of `infra/mail.json` pass them on."""

import json
from typing import Literal

from chalice.app import Blueprint, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services.mail_events import stop_mail

mail_events = Blueprint(__name__)


@mail_events.on_sqs_message(queue=settings().MAIL_EVENTS_QUEUE, batch_size=1)
def stop_returned_mail(event: SQSEvent) -> None:
    """One event: `{"event": "bounce", "message_id": …}`."""
    for record in event:
        told = json.loads(record.body)
        why: Literal["bounce", "complaint"] = (
            "complaint" if told["event"] == "complaint" else "bounce"
        )
        with invocation("stop_returned_mail", record, message_id=told["message_id"]) as line:
            line["outcome"] = "stopped" if stop_mail(told["message_id"], why) else "nothing_to_do"
