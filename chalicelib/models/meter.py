"""Metering devices with what a new reading is judged by, so that submitting reads nothing else.

Values are decimal strings by zone, `{"T1": "120.500"}`. Periods are the month in which a reading's
window opens.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, VersionAttribute

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.json_text import JSONText
from chalicelib.models.partition import AFTER_ALL, between

BILLING: Final = "billing"
KEPT: Final = 8
"""Values kept of each kind (submitted, billed): enough for the mean of six months and a spare one."""
FACTS: Final = (
    "number",
    "service",
    "unit",
    "capacity_integer",
    "capacity_fraction",
    "zones",
    "verification_due",
    "faulty",
    "revision",
)
"""What an import may say of a device, besides `last_billed`."""


class Meter(AccountItem):
    """One device. Item `meter#<id>`. Facts and `last_billed` come from the billing."""

    meter_id = UnicodeAttribute()
    number = UnicodeAttribute()
    service = UnicodeAttribute()
    unit = UnicodeAttribute()
    capacity_integer = NumberAttribute()
    capacity_fraction = NumberAttribute()
    zones = JSONText()
    """`["T1"]`, or two or three zones."""
    verification_due = UnicodeAttribute(null=True)
    """The last day, inclusive, on which its readings are accepted."""
    faulty = NumberAttribute(default=0)
    last_billed = JSONText(null=True)
    """`{"values": {"T1": "108.006"}, "on": "2026-10-13"}`, as the last bill counted it."""
    last_accepted = JSONText(default=list)
    """Newest first: `[{"period", "values", "reading_id", "at", "source", "received_at"?}]`.

    What was submitted (one per period, `at` a moment) and what earlier bills counted (`source`
    `billing`, no `reading_id`, `at` a day), at most eight of each."""
    revision = UnicodeAttribute(null=True)
    """Hash of the imported facts."""
    version = VersionAttribute()

    def submitted(self, period: str | None = None) -> dict[str, Any] | None:
        """The submitted value that stands for `period`, or the newest of all."""
        for entry in self.last_accepted:
            if entry["source"] != BILLING and period in (None, entry["period"]):
                return dict(entry)
        return None

    def with_submitted(
        self,
        period: str,
        values: Mapping[str, str],
        reading_id: str,
        at: datetime,
        source: str,
        *,
        received_at: datetime | None = None,
    ) -> list[dict[str, Any]]:
        """`last_accepted` once this value, read off `at`, stands for `period`."""
        entry = {
            "period": period,
            "values": dict(values),
            "reading_id": reading_id,
            "at": at.isoformat(),
            "source": source,
        }
        if received_at is not None and received_at != at:
            entry["received_at"] = received_at.isoformat()
        return _kept([entry, *self.without_submitted(period)])

    def without_submitted(self, period: str) -> list[dict[str, Any]]:
        """`last_accepted` once nothing submitted stands for `period`."""
        return [e for e in self.last_accepted if e["source"] == BILLING or e["period"] != period]

    def merge_imported(
        self, facts: Mapping[str, Any], last_billed: Mapping[str, Any] | None
    ) -> None:
        """Take the billing's facts (any of `FACTS`) and its last counted value; nothing is stored.

        What was submitted stays; the value that `last_billed` takes the place of is kept as
        history. `save()` afterwards is refused when somebody submitted meanwhile: read again.
        """
        for name in FACTS:
            if name in facts:
                setattr(self, name, facts[name])
        if last_billed is None or dict(last_billed) == self.last_billed:
            return
        if self.last_billed is not None and self.last_billed["on"] < last_billed["on"]:
            old = {
                "period": self.last_billed["on"][:7],
                "values": self.last_billed["values"],
                "reading_id": None,
                "at": self.last_billed["on"],
                "source": BILLING,
            }
            self.last_accepted = _kept([old, *self.last_accepted])
        self.last_billed = dict(last_billed)


def received(entry: Mapping[str, Any]) -> datetime:
    """When a submitted value of `last_accepted` reached us."""
    return datetime.fromisoformat(entry.get("received_at") or entry["at"])


def _kept(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest of each kind, newest first."""
    ordered = sorted(entries, key=lambda e: str(e["at"]), reverse=True)
    submitted = [e for e in ordered if e["source"] != BILLING][:KEPT]
    billed = [e for e in ordered if e["source"] == BILLING][:KEPT]
    return sorted([*submitted, *billed], key=lambda e: str(e["at"]), reverse=True)


def meters_of(account_number: str) -> list[Meter]:
    """The account's devices in the order of their ids. One query."""
    found = between(Meter, account_number, meter_item(""), meter_item(AFTER_ALL))
    return [each.as_(Meter) for each in found]


def meter_item(meter_id: str) -> str:
    """The sort key of a device."""
    return f"meter#{meter_id}"
