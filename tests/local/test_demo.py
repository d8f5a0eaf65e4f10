"""The demo centre's files: what they promise, taken in through the bucket, and a month closed."""

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chalicelib.rules.bill_sums import mistakes
from chalicelib.shapes.imports import AccountRow, BillRow, MeterRow
from local import demo
from local.world import World

CLOSED = "2026-10"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[demo.Demo, Path]:
    folder = tmp_path_factory.mktemp("demo")
    return demo.generate(5, CLOSED, folder, accounts=60), folder


def test_the_same_seed_gives_the_same_bytes(town: tuple[demo.Demo, Path], tmp_path: Path) -> None:
    made, _ = town

    again = demo.generate(5, CLOSED, tmp_path, accounts=60)

    assert [f.read_bytes() for f in again.files] == [f.read_bytes() for f in made.files]


def test_bills_have_eight_to_fourteen_lines_that_agree_to_the_kopeck(
    town: tuple[demo.Demo, Path],
) -> None:
    _, folder = town

    bills = [BillRow.model_validate(row) for row in rows(folder / "bills-history.jsonl")]

    by_account = defaultdict(list)
    for bill in bills:
        by_account[bill.account_number].append(bill)
        assert mistakes(bill) == []
        assert 8 <= len(bill.lines) <= 14
    assert {len(own) for own in by_account.values()} == {24}
    assert {own[-1].period for own in by_account.values()} == {CLOSED}


def test_a_bill_goes_on_from_the_one_before_and_unpaid_insurance_lapses(
    town: tuple[demo.Demo, Path],
) -> None:
    _, folder = town
    by_account = defaultdict(list)
    for row in rows(folder / "bills-history.jsonl"):
        by_account[row["account_number"]].append(BillRow.model_validate(row))

    for own in by_account.values():
        for before, after in pairwise(own):
            insurance = sum(line.total for line in before.lines if line.insurance)
            assert after.debt_at_start == before.to_pay - insurance


def test_the_town_has_devices_debts_advances_and_free_accounts(
    town: tuple[demo.Demo, Path],
) -> None:
    made, folder = town

    meters = [MeterRow.model_validate(row) for row in rows(folder / "meters.jsonl")]
    accounts = {
        row["account_number"]: AccountRow.model_validate(row)
        for row in rows(folder / "accounts.jsonl")
    }
    bills = [BillRow.model_validate(row) for row in rows(folder / "bills-history.jsonl")]

    assert {len(meter.zones) for meter in meters} == {1, 2, 3}
    assert all(meter.verification_due for meter in meters)
    assert any(bill.debt_at_start > 0 for bill in bills)
    assert any(bill.debt_at_start < 0 for bill in bills)
    assert any(line.insurance for bill in bills for line in bill.lines)
    assert len(made.clients) >= 2
    assert len(made.free_accounts) >= 20
    held = [client["accounts"] for client in made.clients]
    always = [own[0] for own in held] + [free["account_number"] for free in made.free_accounts]
    for number, account in accounts.items():
        assert account.reading_window is not None
        opens = (1, 31) if number in always else (15, 26)
        assert (account.reading_window.opens_on, account.reading_window.closes_on) == opens
    assert all(free["amount"] > 0 for free in made.free_accounts)


def test_free_accounts_are_told_with_the_newest_bill(world: World, tmp_path: Path) -> None:
    del world  # its buckets are read
    demo.generate(5, CLOSED, tmp_path, accounts=60)

    files = demo.close_month(5, "2026-12", tmp_path)

    newest = {row["account_number"]: row["to_pay"] for row in rows(files[-2])}
    told = json.loads((tmp_path / "demo.json").read_text("utf-8"))
    assert len(told["free_accounts"]) >= 20
    for free in told["free_accounts"]:
        assert free["period"] == "2026-12"
        assert free["amount"] == newest[free["account_number"]]
