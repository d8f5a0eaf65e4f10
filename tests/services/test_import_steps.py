"""Imports that break off, come twice or come in another order; and how much memory they take."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from chalicelib.config import settings
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account, AccountMoney, settle_actions
from chalicelib.models.bill import Bill, bill_item
from chalicelib.models.entry import imported_of
from chalicelib.models.imports import (
    FILE,
    OPEN,
    ImportFile,
    ImportPart,
    OpenImport,
    part_name,
    parts_of,
)
from chalicelib.services import import_bills, import_parts, import_payments, imports
from chalicelib.services.balances import balance_of
from chalicelib.services.import_bills import unbilled_of
from chalicelib.services.import_rows import Checked
from chalicelib.shapes.imports import BillRow, PaymentRow
from tests.builders import fresh_number

if TYPE_CHECKING:
    from tests.builders import Centre
    from tests.conftest import Travel

Put = Callable[[str, str], str]


@pytest.fixture
def put(drain: Callable[[], None]) -> Iterator[Put]:
    """Puts a file and begins its import by hand: the id of the upload. Nothing is delivered."""
    drain()
    s3 = boto3.client("s3")

    def put(name: str, content: str) -> str:
        body = content.encode()
        etag = s3.put_object(Bucket=settings().IMPORT_BUCKET, Key=name, Body=body)["ETag"]
        file_id = imports.begin(name, etag.strip('"'), len(body), None, "by hand")
        assert file_id is not None
        return file_id

    yield put
    drain()


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def result_of(name: str) -> dict[str, Any]:
    got = boto3.client("s3").get_object(Bucket=settings().IMPORT_BUCKET, Key=f"{name}.result.json")
    result: dict[str, Any] = json.loads(got["Body"].read())
    return result


def stored(number: str) -> Account:
    return Account.get(number, ACCOUNT, consistent_read=True)


def accounts(count: int) -> tuple[list[str], str]:
    numbers = [fresh_number() for _ in range(count)]
    return numbers, lines(*({"account_number": n, "residents": 2} for n in numbers))


def test_cutting_that_broke_off_before_it_was_noted_is_done_again(
    put: Put, configured: Callable[..., None]
) -> None:
    configured(IMPORT_PART_BYTES=300, IMPORT_PARTS_PER_STEP=2)
    numbers, content = accounts(30)
    file_id = put("accounts-cut.jsonl", content)
    before = ImportFile.get(file_id, FILE)

    imports.split(file_id)
    first = [(p.part, p.first_byte, p.end_byte) for p in parts_of(file_id)]
    before.save()  # as if the function had ended after its parts and before its note
    while ImportFile.get(file_id, FILE, consistent_read=True).state == "splitting":
        imports.split(file_id)
    parts = [(p.part, p.first_byte, p.end_byte) for p in parts_of(file_id)]
    for name, *_ in [*parts, *parts]:
        import_parts.work(file_id, name)

    assert parts[:2] == first
    result = result_of("accounts-cut.jsonl")
    assert (result["rows"], result["applied"], result["refusals"]) == (30, 30, [])
    assert all(stored(number).residents == 2 for number in numbers)


def test_rows_applied_by_a_part_that_was_not_ended_count_once(put: Put) -> None:
    numbers, content = accounts(5)
    file_id = put("accounts-end.jsonl", content)
    imports.split(file_id)
    file, part = ImportFile.get(file_id, FILE), ImportPart.get(file_id, part_name(1))
    import_parts.work(file_id, part_name(1))
    versions = [stored(number).version for number in numbers]

    file.save()  # as if the function had ended after its rows and before its counts
    part.save()
    OpenImport(OPEN, file_id, touched_at=datetime(2026, 11, 20, tzinfo=UTC)).save()
    import_parts.work(file_id, part_name(1))

    result = result_of("accounts-end.jsonl")
    assert (result["rows"], result["applied"], result["unchanged"]) == (5, 0, 5)
    assert [stored(number).version for number in numbers] == versions


def test_a_file_whose_messages_were_lost_is_taken_up_when_it_stands_still(
    put: Put,
    configured: Callable[..., None],
    travel: "Travel",
    run_schedule: Callable[[str], None],
    drain: Callable[[], None],
) -> None:
    configured(IMPORT_STANDS_STILL_SECONDS=1_200, IMPORT_PART_BYTES=300)
    drain()
    numbers, content = accounts(20)
    file_id = put("accounts-lost.jsonl", content)
    imports.split(file_id)
    import_parts.work(file_id, part_name(1))
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=settings().IMPORTS_QUEUE)["QueueUrl"])

    travel.forward(minutes=19)
    assert imports.take_up() == 0
    travel.forward(minutes=2)
    run_schedule("take_up_imports")
    drain()

    file = ImportFile.get(file_id, FILE, consistent_read=True)
    assert (file.state, file.rows, file.parts_done) == ("done", 20, file.parts)
    assert all(stored(number).residents == 2 for number in numbers)
    assert imports.take_up() == 0


kopecks = st.integers(1, 10_000_000)


@trying(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.data(),
    debts=st.lists(kopecks, min_size=3, max_size=3),
    own=kopecks,
    foreign=kopecks,
    later=kopecks,
)
def test_the_balance_does_not_depend_on_the_order_of_files(
    centre: "Centre",
    data: st.DataObject,
    debts: list[int],
    own: int,
    foreign: int,
    later: int,
) -> None:
    number = centre.account(bills=0).number
    ours = {"pay_1": {"amount": own, "insurance": 0, "at": 1_791_000_000}}
    AccountMoney(number, ACCOUNT).update(settle_actions(ours))
    files = [
        *(
            _bill(number, p, d)
            for p, d in zip(("2026-08", "2026-09", "2026-10"), debts, strict=True)
        ),
        _payment(number, amount=own, period="2026-10", payment_id="pay_1", id="own"),
        _payment(number, amount=foreign, period="2026-09", id="foreign"),
        _payment(number, amount=later, period="2026-11", id="later"),
    ]
    repeated = data.draw(st.lists(st.sampled_from(files), max_size=4))

    for row in data.draw(st.permutations([*files, *repeated])):
        if isinstance(row, BillRow):
            outcome = import_bills.apply([Checked(1, row)])
        else:
            assert isinstance(row, PaymentRow)
            outcome = import_payments.apply([Checked(1, row)])
        # Once the bill has counted our payment, only the ledger (none here) could prove it again.
        assert all(refused["code"] == "payment_unknown" for refused in outcome.told)

    account = stored(number)
    balance = balance_of(account)
    assert balance.to_pay - balance.advance == debts[2] - later
    assert unbilled_of(account) == {"later": {"amount": later, "period": "2026-11"}}
    assert sorted(each.imported_id for each in imported_of(number)) == ["foreign", "later", "own"]
    assert Bill.get(number, bill_item("2026-08")).to_pay == debts[0]


def _bill(number: str, period: str, to_pay: int) -> BillRow:
    return BillRow.model_validate(
        {
            "account_number": number,
            "period": period,
            "to_pay": to_pay,
            "charged": to_pay,
            "lines": [{"service": "Вода", "charged": to_pay, "total": to_pay}],
        }
    )


def _payment(number: str, **told: Any) -> PaymentRow:
    return PaymentRow.model_validate(
        {"account_number": number, "paid_at": "2026-10-05T10:00:00Z", **told}
    )


def test_bills_of_a_table_are_not_parted_where_a_step_ends(
    put: Put, configured: Callable[..., None], centre: "Centre"
) -> None:
    configured(IMPORT_PART_BYTES=150, IMPORT_PARTS_PER_STEP=1)
    numbers = [centre.account(bills=0).number for _ in range(8)]
    table = "account_number;period;to_pay;charged;lines_service;lines_charged;lines_total\n"
    table += "".join(f"{n};2026-10;300;300;Вода;100;100\n" * 3 for n in numbers)
    file_id = put("bills-steps.csv", table)

    while ImportFile.get(file_id, FILE, consistent_read=True).state == "splitting":
        imports.split(file_id)
    for part in list(parts_of(file_id)):
        import_parts.work(file_id, part.part)

    result = result_of("bills-steps.csv")
    assert (result["applied"], result["refusals"]) == (8, [])
    assert {stored(number).bill_to_pay for number in numbers} == {300}


def test_a_large_file_is_never_held_whole(put: Put, configured: Callable[..., None]) -> None:
    configured(IMPORT_PART_BYTES=250_000)
    rows = 4_000
    told = '"amount": 100, "paid_at": "2026-11-05"}' + " " * 5_000
    content = "".join(f'{{"account_number": "{9_000_000_000 + n}", {told}\n' for n in range(rows))
    file_id = put("payments-large.jsonl", content)
    size = len(content.encode())
    del content

    tracemalloc.start()
    try:
        while ImportFile.get(file_id, FILE).state == "splitting":
            imports.split(file_id)
        names = [part.part for part in parts_of(file_id)]
        for name in names:
            import_parts.work(file_id, name)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        boto3.client("s3").delete_object(
            Bucket=settings().IMPORT_BUCKET, Key="payments-large.jsonl"
        )

    file = ImportFile.get(file_id, FILE)
    assert (file.state, file.rows, file.refused) == ("done", rows, rows)
    assert len(names) > 40
    assert size > 18_000_000
    assert peak < 12_000_000  # most of it one piece of the result on its way
