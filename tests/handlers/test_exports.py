"""Files that leave for the billing at night."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import boto3

from chalicelib.config import settings
from chalicelib.models.accounts_table import export_key
from chalicelib.models.entry import Entry, entry_item
from chalicelib.models.reading import Reading, reading_item
from chalicelib.rules.export_cells import cell
from tests.builders import fresh_number

DAY = date(2026, 11, 19)
AT = datetime(2026, 11, 19, 10, tzinfo=UTC)


def rows(name: str) -> tuple[bytes, list[dict[str, str]]]:
    got = boto3.client("s3").get_object(Bucket=settings().EXPORT_BUCKET, Key=name)["Body"].read()
    return got, list(csv.DictReader(io.StringIO(got.decode()), delimiter=";"))


def test_a_days_readings_and_payments_leave_once_in_the_same_bytes(
    run_schedule: Callable[[str], None],
) -> None:
    from chalicelib.services import exports

    number = fresh_number()
    Reading(
        number,
        reading_item(AT, "m-1", "rd_1"),
        reading_id="rd_1",
        meter_id="m-1",
        period="2026-11",
        values={"T1": "120.500"},
        consumption={"T1": "2.5"},
        taken_at=AT,
        source="cabinet",
        export=export_key("readings", DAY, "rd_1"),
    ).save()
    for kind, entry_id in (("payment", "pay_9"), ("refund", "re_9")):
        ours, theirs = f"account:{number}", "provider"
        Entry(
            number,
            entry_item(AT, entry_id),
            entry_id=entry_id,
            kind=kind,
            payment_id="pay_9",
            client_id="cl_1",
            amount=15_000,
            debit=theirs if kind == "payment" else ours,
            credit=ours if kind == "payment" else theirs,
            at=AT,
            export=export_key("payments", DAY, entry_id),
        ).save()

    run_schedule("export_days")

    first, readings = rows("readings-2026-11-19.csv")
    mine = [row for row in readings if row["account_number"] == number]
    assert [(r["id"], r["T1"], r["T2"], r["state"]) for r in mine] == [
        ("rd_1", "120.500", "", "accepted")
    ]
    _, payments = rows("payments-2026-11-19.csv")
    assert {(r["id"], r["amount"]) for r in payments if r["account_number"] == number} == {
        ("pay_9", "15000"),
        ("re_9", "-15000"),
    }
    exports.write_day(DAY)
    assert rows("readings-2026-11-19.csv")[0] == first


def test_a_cell_is_no_formula_and_a_refund_keeps_its_sign() -> None:
    assert cell("=1+1") == "'=1+1"
    assert cell("@cmd") == "'@cmd"
    assert cell(-15_000) == "-15000"
    assert cell("плюс") == "плюс"
