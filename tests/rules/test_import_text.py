"""Tables of the billing read back as they were meant, whatever they are written in."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules import import_text
from chalicelib.rules.bill_sums import mistakes
from chalicelib.shapes.imports import BillRow

LETTERS = "АБВГДЕЁЖабвгдеёжэюяABCxyz №«»\"',;.-0123456789"
words = st.text(LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool)
kopecks = st.integers(-(10**7), 10**7)


@given(
    cells=st.lists(words, min_size=1, max_size=12),
    separator=st.sampled_from(";,"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "windows-1251"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_reads_back_in_any_encoding_and_separator(
    cells: list[str], separator: str, encoding: str, ending: str
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator=ending)
    writer.writerow(["account_number", "owner_name", "address"])
    writer.writerows([["123456", "Проверочный Абонент", cell] for cell in cells])
    data = file.getvalue().encode(encoding)

    found = import_text.encoding_of(data)
    lines = data.removeprefix(import_text.BOM).decode(found).split("\n")
    layout = import_text.layout_of(lines[0])
    rows = list(import_text.table_rows("accounts", layout, list(enumerate(lines[1:], 2))))

    assert layout.separator == separator
    assert [row.value.get("address") for row in rows] == cells
    assert [row.line for row in rows] == list(range(2, len(cells) + 2))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        encoding = import_text.encoding_of(data)
    except import_text.Unreadable:
        return

    texts = [(n, import_text.decoded(line, encoding)) for n, line in enumerate(data.split(b"\n"))]
    lines = [(n, text) for n, text in texts if text is not None]
    layout = import_text.Layout(";", ("account_number", "period", "lines_service"))
    for row in [
        *import_text.json_rows(lines),
        *import_text.table_bills(import_text.table_rows("bills", layout, lines)),
    ]:
        assert row.refusal is not None or isinstance(row.value, dict)


def a_bill(parts: list[tuple[int, int, int, int]], debt: int, paid: int) -> dict[str, Any]:
    lines = [
        {
            "service": "Вода",
            "charged": charged,
            "benefit": benefit,
            "recalculation": recalculation,
            "penalty": penalty,
            "total": charged - benefit + recalculation + penalty,
        }
        for charged, benefit, recalculation, penalty in parts
    ]
    charged = sum(line["total"] for line in lines if isinstance(line["total"], int))
    return {
        "account_number": "123456",
        "period": "2026-10",
        "debt_at_start": debt,
        "charged": charged,
        "paid": paid,
        "to_pay": debt + charged - paid,
        "lines": lines,
    }


bills = st.builds(
    a_bill,
    st.lists(st.tuples(kopecks, kopecks, kopecks, kopecks), min_size=1, max_size=14),
    kopecks,
    kopecks,
)


@given(bills)
def test_a_bill_that_adds_up_is_accepted(row: dict[str, Any]) -> None:
    assert mistakes(BillRow.model_validate(row)) == []


@given(bills, st.sampled_from(["charged", "paid", "debt_at_start"]), st.integers(1, 1000))
def test_a_bill_that_is_off_by_kopecks_is_refused(
    row: dict[str, Any], field: str, off: int
) -> None:
    changed = BillRow.model_validate({**row, field: row[field] + off})

    # an advance may be told as nothing to pay, whatever its size
    assert mistakes(changed) or changed.to_pay == 0


def test_voluntary_insurance_that_was_paid_lowers_no_debt() -> None:
    row = a_bill([(376_939, 0, 0, 0), (6_780, 0, 0, 0)], 190_295, 197_075)
    row["lines"][1]["insurance"] = True
    row["to_pay"] = 383_719

    assert mistakes(BillRow.model_validate(row)) == []


@pytest.mark.parametrize("amount", ["12,50", "12.50", 12.5, "", None, True, {"amount": 1.5}])
def test_an_amount_that_is_no_whole_kopecks_is_never_guessed(amount: Any) -> None:
    row = {**a_bill([(1, 0, 0, 0)], 0, 0), "charged": amount}

    with pytest.raises(ValueError, match="validation error"):
        BillRow.model_validate(row)
