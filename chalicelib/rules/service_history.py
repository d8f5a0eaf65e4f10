"""What bills charged for each service, month by month, from their lines. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

MONTHS_AT_MOST: Final = 36
"""Months that one look back covers: a batch reads a hundred items, a person compares three winters."""


@dataclass(frozen=True)
class ServiceMonth:
    """One month of a service: kopecks, and the volume as a decimal where the bill tells one."""

    period: str
    total: int
    volume: str | None


@dataclass(frozen=True)
class ServiceHistory:
    """A service over months, oldest first."""

    service: str
    supplier: str | None
    unit: str | None
    insurance: bool
    months: tuple[ServiceMonth, ...]


def by_service(bills: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[ServiceHistory]:
    """The services of `bills` (lines by period), in the order of the newest bill.

    Lines of one service in one bill are one: their totals and volumes are summed. A service that
    changed its unit is two services, as their volumes cannot stand in one picture.
    """
    months: dict[tuple[str, str | None], dict[str, ServiceMonth]] = {}
    newest: dict[tuple[str, str | None], Mapping[str, Any]] = {}
    for period in sorted(bills, reverse=True):
        for line in bills[period]:
            key = (line["service"], line.get("unit"))
            newest.setdefault(key, line)
            of_service = months.setdefault(key, {})
            of_service[period] = _with(of_service.get(period), period, line)
    return [
        ServiceHistory(
            service=service,
            supplier=newest[service, unit].get("supplier"),
            unit=unit,
            insurance=bool(newest[service, unit].get("insurance")),
            months=tuple(of_service[period] for period in sorted(of_service)),
        )
        for (service, unit), of_service in months.items()
    ]


def _with(known: ServiceMonth | None, period: str, line: Mapping[str, Any]) -> ServiceMonth:
    volume: str | None = line.get("volume")
    if known is None:
        return ServiceMonth(period, int(line["total"]), volume)
    if volume is not None and known.volume is not None:
        volume = str(Decimal(known.volume) + Decimal(volume))
    return ServiceMonth(period, known.total + int(line["total"]), volume or known.volume)
