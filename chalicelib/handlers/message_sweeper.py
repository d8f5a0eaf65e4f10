"""Finds decided messages that no queue message leads to any more: the queue was out of reach, or lost it."""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib.observability import invocation
from chalicelib.services import delivery

message_sweeper = Blueprint(__name__)


@message_sweeper.schedule(Rate(5, unit=Rate.MINUTES))
def resend_unsent(_: CloudWatchEvent) -> None:
    """Queue them again. Safe to run twice or in parallel: each is claimed before it is sent."""
    with invocation("resend_unsent") as line:
        line["found"] = delivery.resend_unsent()
