"""The demo centre's files: what they promise, taken in through the bucket, and a month closed."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account, AccountMoney, settle_actions
from chalicelib.models.accounts_table import export_key
from chalicelib.models.bill import Bill, bill_item
from chalicelib.models.entry import Entry, entry_item
from chalicelib.rules.bill_sums import mistakes
from chalicelib.services import exports
from chalicelib.services.balances import balance_of
from chalicelib.services.import_bills import unbilled_of
from chalicelib.shapes.imports import AccountRow, BillRow, MeterRow
from local import demo
from local.files import Imports
from local.world import World

if TYPE_CHECKING:
    from tests.conftest import Travel

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


def test_a_closed_month_counts_what_was_paid_here_once(
    world: World, travel: "Travel", drain: Callable[[], None], tmp_path: Path
) -> None:
    made = demo.generate(6, CLOSED, tmp_path, accounts=40)
    imports = Imports()

    def take_in(files: list[Path]) -> list[dict[str, Any]]:
        return [imports.take_in(f, world.wait_until_idle, lambda _: None, 60) for f in files]

    drain()
    assert all(not result["refusals"] for result in take_in(made.files))
    number = made.free_accounts[0]["account_number"]
    before = Bill.get(number, bill_item(CLOSED))
    insurance = before.to_pay - before.to_pay_without_insurance
    _pay(number, int(before.to_pay), int(insurance))
    assert balance_of(Account.get(number, ACCOUNT)).to_pay == 0
    exports.write_day(date(2026, 11, 20))

    travel.to(datetime(2026, 12, 1, 3, tzinfo=UTC))
    files = demo.close_month(6, "2026-11", tmp_path)
    results = take_in(files)

    assert [result["refusals"] for result in results] == [[], [], []]
    bill = Bill.get(number, bill_item("2026-11"))
    assert bill.debt_at_start == before.to_pay - insurance
    assert bill.paid == before.to_pay
    assert bill.to_pay == bill.debt_at_start + bill.charged - bill.paid + insurance
    account = Account.get(number, ACCOUNT)
    assert balance_of(account).to_pay == bill.to_pay
    assert unbilled_of(account) == {}
    again, following = (demo.close_month(6, p, tmp_path) for p in ("2026-11", "2026-12"))
    assert again == files
    acknowledged = [_acknowledged(made[0]) for made in (files, following)]
    assert acknowledged == [[f"pay_of_{number}"], []]


def _pay(number: str, amount: int, insurance: int) -> None:
    """Money of the cabinet on the account, as settling leaves it."""
    at, name = datetime(2026, 11, 20, 8, tzinfo=UTC), f"pay_of_{number}"
    Entry(
        number,
        entry_item(at, name),
        entry_id=name,
        kind="payment",
        payment_id=name,
        client_id="cl_1",
        amount=amount,
        insurance=insurance,
        debit="provider",
        credit=f"account:{number}",
        at=at,
        export=export_key("payments", date(2026, 11, 20), name),
    ).save()
    told = {"amount": amount, "insurance": insurance, "at": int(at.timestamp())}
    AccountMoney(number, ACCOUNT).update(settle_actions({name: told}))


def _acknowledged(payments: Path) -> list[str]:
    with payments.open(encoding="windows-1251", newline="") as file:
        return [
            row["payment_id"] for row in csv.DictReader(file, delimiter=";") if row["payment_id"]
        ]
