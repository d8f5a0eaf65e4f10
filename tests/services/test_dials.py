"""What an import tells of a meter, and what people submit: neither loses the other's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pynamodb.exceptions import PutError

from chalicelib.models.meter import KEPT, Meter, meter_item
from chalicelib.rules.windows import AccountWindow, window_at
from chalicelib.services.dials import dial_of
from tests.builders import Centre, fresh_number

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WINDOW = window_at(AccountWindow(15, 26), NOW)


def meter(**facts: Any) -> Meter:
    made = Meter("7000000000", meter_item("m"), meter_id="m", number="1", service="s", unit="m3")
    made.merge_imported(
        {
            "capacity_integer": 5,
            "capacity_fraction": 3,
            "zones": ["T1"],
            **facts,
        },
        None,
    )
    return made


def counted(value: str, on: str) -> dict[str, Any]:
    return {"values": {"T1": value}, "on": on}


def test_each_bill_leaves_its_value_in_the_history_and_what_was_submitted_stays() -> None:
    device = meter()

    for month in range(1, 11):
        device.merge_imported({}, counted(str(100 + month), f"2026-{month:02d}-20"))
    october = datetime(2026, 10, 22, 9, tzinfo=UTC)
    device.last_accepted = device.with_submitted(
        "2026-10", {"T1": "111"}, "rd_1", october, "cabinet"
    )
    device.merge_imported({"service": "cold"}, counted("110.5", "2026-11-01"))

    assert device.service == "cold"
    assert device.submitted("2026-10") is not None
    assert len(device.last_accepted) == KEPT + 1
    dial = dial_of(device)
    assert str(dial.previous(WINDOW)["T1"]) == "110.5"
    mean = dial.mean("T1", WINDOW)
    assert mean is not None
    assert mean.months == 6


def test_the_same_value_again_changes_nothing() -> None:
    device = meter()
    device.merge_imported({}, counted("5", "2026-10-20"))
    before = (device.last_accepted, device.last_billed)

    device.merge_imported({}, counted("5", "2026-10-20"))

    assert (device.last_accepted, device.last_billed) == before


def test_a_corrected_value_of_the_same_day_takes_the_place_of_the_wrong_one() -> None:
    device = meter()
    device.merge_imported({}, counted("500", "2026-10-20"))

    device.merge_imported({}, counted("150", "2026-10-20"))

    assert device.last_accepted == []
    assert str(dial_of(device).previous(WINDOW)["T1"]) == "150"


def test_an_import_that_met_a_submission_is_refused_and_reads_again(centre: Centre) -> None:
    number = fresh_number()
    meter_id = centre.meter(number)
    importing = Meter.get(number, meter_item(meter_id))
    submitting = Meter.get(number, meter_item(meter_id))
    entries = submitting.with_submitted("2026-11", {"T1": "120"}, "rd_1", NOW, "cabinet")
    submitting.update([Meter.last_accepted.set(entries)])

    importing.merge_imported({"faulty": 1}, None)

    with pytest.raises(PutError):
        importing.save()
