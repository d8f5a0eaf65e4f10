"""Reminders of readings: the daily schedule, and the worker of its queue."""

import json

from chalice.app import Blueprint, CloudWatchEvent, Cron, SQSEvent

from chalicelib.config import settings
from chalicelib.observability import invocation
from chalicelib.services import reminders as service

reminders = Blueprint(__name__)


@reminders.schedule(Cron(0, 6, "*", "*", "?", "*"))
def begin_reminders(_: CloudWatchEvent) -> None:
    """Every day at nine in Moscow. Running again sends nothing again."""
    with invocation("begin_reminders") as line:
        line["days"] = service.begin()


@reminders.on_sqs_message(queue=settings().REMINDERS_QUEUE, batch_size=1)
def remind_of_readings(event: SQSEvent) -> None:
    """A part of a day's reminders; raising is the retry."""
    for record in event:
        with invocation("remind_of_readings", record) as line:
            line["done"] = service.handle(json.loads(record.body))
