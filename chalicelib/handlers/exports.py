"""Every night the files of the day before leave for the billing."""

from chalice.app import Blueprint, CloudWatchEvent, Cron

from chalicelib.observability import invocation
from chalicelib.services import exports as exporting

exports = Blueprint(__name__)


@exports.schedule(Cron(10, 22, "*", "*", "?", "*"))
def export_days(_: CloudWatchEvent) -> None:
    """At 01:10 in Moscow: the days that have not left yet. Late, twice or in parallel: same files."""
    with invocation("export_days") as line:
        line["files"] = len(exporting.write_due())
