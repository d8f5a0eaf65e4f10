"""Schedules that find out what nobody told: open payments, lost events."""

from chalice.app import Blueprint, CloudWatchEvent, Cron, Rate

from chalicelib.observability import invocation
from chalicelib.services import books
from chalicelib.services import reconciliation as service

reconciliation = Blueprint(__name__)


@reconciliation.schedule(Rate(5, unit=Rate.MINUTES))
def check_open_payments(_event: CloudWatchEvent) -> None:
    """Ask the provider about payments whose outcome is open."""
    with invocation("check_open_payments"):
        service.check_open()


@reconciliation.schedule(Rate(1, unit=Rate.HOURS))
def pull_payment_events(_event: CloudWatchEvent) -> None:
    """Ask the provider for refunds and disputes whose webhooks got lost."""
    with invocation("pull_payment_events"):
        service.pull_events()


@reconciliation.schedule(Cron(30, 0, "*", "*", "?", "*"))
def compare_books(_event: CloudWatchEvent) -> None:
    """At 03:30 in Moscow: yesterday's payments here and at the provider, side by side."""
    with invocation("compare_books"):
        books.reconcile_due()
