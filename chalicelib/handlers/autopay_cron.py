"""Schedules of automatic payments. Each may run twice, late or in parallel."""

from chalice.app import Blueprint, CloudWatchEvent, Cron

from chalicelib.observability import invocation
from chalicelib.services import autopay_schedule

autopay_cron = Blueprint(__name__)


@autopay_cron.schedule(Cron(0, 6, "*", "*", "?", "*"))
def start_autopayments(_event: CloudWatchEvent) -> None:
    """At 9:00 in Moscow: hand out the charges of the day, and of days that were missed."""
    with invocation("start_autopayments"):
        autopay_schedule.hand_out()


@autopay_cron.schedule(Cron(0, 9, "*", "*", "?", "*"))
def announce_autopayments(_event: CloudWatchEvent) -> None:
    """At noon in Moscow: hand out the messages about tomorrow's charges."""
    with invocation("announce_autopayments"):
        autopay_schedule.announce()
