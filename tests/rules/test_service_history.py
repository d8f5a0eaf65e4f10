"""What bills charged for each service, month by month."""

from typing import Any

from chalicelib.rules.service_history import ServiceMonth, by_service


def line(service: str, total: int, volume: str | None = None, **more: Any) -> dict[str, Any]:
    return {"service": service, "total": total, "volume": volume, "unit": "м³", **more}


def test_services_stand_in_the_order_of_the_newest_bill_with_their_months_oldest_first() -> None:
    found = by_service(
        {
            "2026-09": [line("heating", 300, "1.5"), line("water", 100, "2.000")],
            "2026-10": [line("water", 120, "2.500", supplier="new"), line("intercom", 65)],
        }
    )

    assert [each.service for each in found] == ["water", "intercom", "heating"]
    assert found[0].months == (
        ServiceMonth("2026-09", 100, "2.000"),
        ServiceMonth("2026-10", 120, "2.500"),
    )
    assert [each.supplier for each in found] == ["new", None, None]


def test_two_lines_of_a_service_in_one_bill_are_one() -> None:
    found = by_service({"2026-10": [line("water", 100, "0.1"), line("water", -30, "0.2")]})

    assert found[0].months == (ServiceMonth("2026-10", 70, "0.3"),)


def test_a_line_without_a_volume_takes_none_away() -> None:
    found = by_service({"2026-10": [line("water", 100, "0.1"), line("water", 5)]})

    assert found[0].months == (ServiceMonth("2026-10", 105, "0.1"),)


def test_another_unit_is_another_picture() -> None:
    found = by_service(
        {"2026-09": [line("water", 1, "1", unit="чел.")], "2026-10": [line("water", 2, "3")]}
    )

    assert [(each.unit, len(each.months)) for each in found] == [("м³", 1), ("чел.", 1)]
