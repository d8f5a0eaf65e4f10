"""Files of the billing through the bucket's own door."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from chalicelib.config import settings
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account, AccountMoney, settle_actions
from chalicelib.models.bill import Bill, BillLines, bill_item, lines_item
from chalicelib.models.entry import Entry, entry_item, imported_of
from chalicelib.models.meter import Meter, meter_item
from chalicelib.services.balances import balance_of
from chalicelib.services.import_bills import unbilled_of
from tests.builders import fresh_number

Import = Callable[..., dict[str, Any]]


@pytest.fixture
def take_in(drain: Callable[[], None]) -> Import:
    """Puts a file into the bucket, delivers, and reads the result."""
    s3 = boto3.client("s3")
    drain()  # the rule of the bucket's events stands from now on

    def take_in(name: str, content: str | bytes) -> dict[str, Any]:
        body = content if isinstance(content, bytes) else content.encode()
        s3.put_object(Bucket=settings().IMPORT_BUCKET, Key=name, Body=body)
        drain()
        got = s3.get_object(Bucket=settings().IMPORT_BUCKET, Key=f"{name}.result.json")
        result: dict[str, Any] = json.loads(got["Body"].read())
        return result

    return take_in


def jsonl(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def account_row(number: str, **facts: Any) -> dict[str, Any]:
    return {
        "account_number": number,
        "owner_name": "Пробный Абонент Тестович",
        "address": "г. Примерск, ул. Образцовая, д. 1, кв. 2",
        "total_area": "33.90",
        **facts,
    }


def bill_row(number: str, period: str = "2026-10", **changed: Any) -> dict[str, Any]:
    return {
        "account_number": number,
        "period": period,
        "to_pay": 120_000,
        "debt_at_start": 50_000,
        "charged": 100_000,
        "paid": 30_000,
        "lines": [
            {
                "service": "Холодное водоснабжение",
                "supplier": "Водоканал",
                "volume": "3.5",
                "unit": "м³",
                "tariff": "42.30",
                "charged": 90_000,
                "total": 90_000,
            },
            {
                "service": "Добровольное страхование",
                "charged": 10_000,
                "total": 10_000,
                "insurance": True,
            },
        ],
        **changed,
    }


def stored(number: str) -> Account:
    return Account.get(number, ACCOUNT, consistent_read=True)


def test_accounts_and_bills_come_in(take_in: Import) -> None:
    number = fresh_number()

    first = take_in("accounts-1.jsonl", jsonl(account_row(number)))
    second = take_in("bills-1.jsonl", jsonl(bill_row(number)))

    assert (first["applied"], first["refused"]) == (1, 0)
    assert (second["applied"], second["refusals"]) == (1, [])
    account = stored(number)
    assert account.owner_name == "Пробный Абонент Тестович"
    assert (account.bill_period, account.bill_to_pay, account.bill_insurance) == (
        "2026-10",
        120_000,
        10_000,
    )


def test_a_table_in_windows_1251_with_semicolons_and_commas_comes_in(take_in: Import) -> None:
    number = fresh_number()
    table = (
        "account_number;owner_name;address;total_area;reading_window_opens_on;"
        "reading_window_closes_on;insurance_refused\r\n"
        f"{number};Ёлкин Пётр;г. Примерск, кв. 2;33,90;1;31;нет\r\n"
    )

    result = take_in("2026/accounts.csv", table.encode("windows-1251"))

    assert result["refusals"] == []
    account = stored(number)
    assert (account.owner_name, account.total_area) == ("Ёлкин Пётр", "33.90")
    assert (account.window_opens, account.window_closes) == (1, 31)


def test_rows_of_one_bill_in_a_table_become_one_bill(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-2.jsonl", jsonl(account_row(number)))
    head = "account_number,period,to_pay_amount,debt_at_start,charged,paid,"
    head += "lines_service,lines_charged,lines_total,lines_insurance,lines_volume\n"
    bill = f"{number},2026-10,120000,50000,100000,30000,"
    table = head + bill + 'Вода,90000,90000,,"3,5"\n' + bill + "Страхование,10000,10000,1,\n"

    result = take_in("bills-2.csv", b"\xef\xbb\xbf" + table.encode())

    assert (result["applied"], result["refusals"]) == (1, [])
    lines = BillLines.get(number, lines_item("2026-10")).lines
    assert [line["total"] for line in lines] == [90_000, 10_000]
    assert lines[0]["volume"] == "3.5"
    assert stored(number).bill_insurance == 10_000


def test_refused_rows_are_listed_and_the_others_are_applied(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-3.jsonl", jsonl(account_row(number)))
    wrong_sum = bill_row(number, "2026-08", charged=100_001)
    comma = bill_row(number, "2026-07", to_pay="1200,00")
    unknown = bill_row(number, "2026-06", colour="red")
    stranger = bill_row("00000000")
    good = bill_row(number, "2026-09")

    text = jsonl(wrong_sum, comma, unknown, stranger) + "{broken\n" + jsonl(good)
    result = take_in("bills-3.jsonl", text)

    told = {(r["line"], r["field"], r["code"]) for r in result["refusals"]}
    assert (result["applied"], result["refused"]) == (1, 5)
    assert (1, "charged", "bill_charged_wrong") in told
    assert (2, "to_pay", "amount_not_kopecks") in told
    assert (3, "colour", "unknown_field") in told
    assert (4, "account_number", "account_unknown") in told
    assert (5, None, "row_unreadable") in told
    assert all(refusal["text"] for refusal in result["refusals"])
    assert stored(number).bill_period == "2026-09"


def test_the_same_file_again_changes_nothing(take_in: Import, trips: Any) -> None:
    number = fresh_number()
    take_in("accounts-4.jsonl", jsonl(account_row(number)))
    take_in("bills-4.jsonl", jsonl(bill_row(number)))
    before = stored(number)
    trips.clear()

    again = take_in("bills-4.jsonl", jsonl(bill_row(number)))

    assert (again["applied"], again["unchanged"]) == (0, 1)
    assert stored(number).version == before.version
    writes = {table for operation, table in trips.tables if operation in ("PutItem", "UpdateItem")}
    assert writes <= {settings().IMPORTS_TABLE}


def test_an_older_bill_leaves_the_balance(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-5.jsonl", jsonl(account_row(number)))
    take_in("bills-5b.jsonl", jsonl(bill_row(number, "2026-10")))

    take_in("bills-5a.jsonl", jsonl(bill_row(number, "2026-09", to_pay=20_000, paid=130_000)))

    assert (stored(number).bill_period, stored(number).bill_to_pay) == ("2026-10", 120_000)
    assert Bill.get(number, bill_item("2026-09")).to_pay == 20_000


def test_our_own_payment_is_deducted_once(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-6.jsonl", jsonl(account_row(number)))
    take_in("bills-6a.jsonl", jsonl(bill_row(number, "2026-09")))
    settled = {"pay_1": {"amount": 120_000, "insurance": 10_000, "at": 1_791_000_000}}
    AccountMoney(number, ACCOUNT).update(settle_actions(settled))
    row = {
        "id": "B-1",
        "account_number": number,
        "amount": 120_000,
        "paid_at": "2026-10-05T10:00:00Z",
        "period": "2026-10",
        "payment_id": "pay_1",
    }
    assert balance_of(stored(number)).to_pay == 0

    take_in("payments-6.jsonl", jsonl(row))

    assert balance_of(stored(number)).to_pay == 0

    take_in("bills-6b.jsonl", jsonl(bill_row(number, "2026-10", paid=120_000, to_pay=30_000)))

    assert balance_of(stored(number)).to_pay == 30_000
    assert unbilled_of(stored(number)) == {}


def test_a_payment_told_after_the_bill_that_counts_it_is_not_deducted_either(
    take_in: Import,
) -> None:
    number = fresh_number()
    take_in("accounts-7.jsonl", jsonl(account_row(number)))
    AccountMoney(number, ACCOUNT).update(
        settle_actions({"pay_2": {"amount": 30_000, "insurance": 0, "at": 1_791_000_000}})
    )
    take_in("bills-7.jsonl", jsonl(bill_row(number)))
    row = {
        "account_number": number,
        "amount": 30_000,
        "paid_at": "2026-10-05",
        "payment_id": "pay_2",
    }

    take_in("payments-7.jsonl", jsonl(row))

    assert balance_of(stored(number)).to_pay == 120_000


def test_equal_payments_without_ids_both_count_and_reversals_take_back(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-8.jsonl", jsonl(account_row(number)))
    take_in("bills-8.jsonl", jsonl(bill_row(number)))
    head = "account_number;amount;paid_at;agent\n"
    paid = f"{number};20000;2026-11-05;Банк\n"
    table = head + paid + paid + paid.replace("20000", "-20000")

    first = take_in("payments-8.csv", table)
    again = take_in("payments-8.csv", table)

    assert (first["applied"], again["unchanged"]) == (3, 3)
    assert balance_of(stored(number)).to_pay == 100_000


def test_meters_keep_what_people_submitted(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-9.jsonl", jsonl(account_row(number)))
    head = "account_number;id;number;service;unit;capacity_integer;capacity_fraction;zones;"
    head += "verification_due;status;last_billed_values_T1;last_billed_values_T2;last_billed_on\n"
    row = (
        f"{number};{number}-1;123;Электроэнергия;кВт·ч;6;1;T1,T2;2031-01-15;ok;10,5;20;2026-10-20\n"
    )

    result = take_in("meters-9.csv", head + row + row.replace("-1;", "-2;").replace(";20;", ";;"))

    assert (result["applied"], result["refused"]) == (1, 1)
    assert result["refusals"][0]["code"] == "meter_values_wrong"
    meter = Meter.get(number, meter_item(f"{number}-1"))
    assert meter.zones == ["T1", "T2"]
    assert meter.last_billed == {"values": {"T1": "10.5", "T2": "20"}, "on": "2026-10-20"}


def test_a_file_of_no_kind_is_refused_whole_and_results_start_nothing(take_in: Import) -> None:
    result = take_in("letters.csv", "a;b\n1;2\n")

    assert [r["code"] for r in result["refusals"]] == ["file_kind_unknown"]


def test_an_unknown_column_is_told_once(take_in: Import) -> None:
    number = fresh_number()
    table = f"account_number;owner_name;colour\n{number};Пробный;red\n"

    result = take_in("accounts-10.csv", table)

    assert result["applied"] == 1
    assert [(r["line"], r["field"], r["code"]) for r in result["refusals"]] == [
        (1, "colour", "unknown_field")
    ]


def test_a_file_of_several_parts_keeps_its_line_numbers(
    take_in: Import, configured: Callable[..., None]
) -> None:
    configured(IMPORT_PART_BYTES=400, IMPORT_PARTS_PER_STEP=2)
    numbers = [fresh_number() for _ in range(20)]
    good = [account_row(number) for number in numbers]
    lines = jsonl(*good[:13]) + "{broken\n" + jsonl(*good[13:])

    result = take_in("accounts-11.jsonl", lines)

    assert (result["rows"], result["applied"]) == (21, 20)
    assert [(r["line"], r["code"]) for r in result["refusals"]] == [(14, "row_unreadable")]
    assert all(stored(number).owner_name for number in numbers)


def test_lines_of_a_table_count_from_its_header(take_in: Import) -> None:
    number = fresh_number()
    table = f"\n\naccount_number;residents\n{number};2\n{number};many\n"

    result = take_in("accounts-12.csv", table)

    assert result["applied"] == 1
    assert [(r["line"], r["field"]) for r in result["refusals"]] == [(5, "residents")]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("accounts-empty.csv", b"", "file_empty"),
        ("accounts-bom.csv", b"\xef\xbb\xbf", "file_empty"),
        ("accounts-blank.csv", b"\r\n \r\n", "file_empty"),
        ("meters.bin", bytes(range(256)) * 50, "file_unreadable"),
        ("meters-2.bin", bytes(range(1, 256)) * 50, "file_unreadable"),
        ("bills.utf16.csv", "account_number;period".encode("utf-16"), "file_unreadable"),
        ("bills-letter.txt", "Уважаемые коллеги,\nвысылаем счета.\n".encode(), "file_unreadable"),
        ("payments-long.csv", b"account_number;" * 100_000, "file_unreadable"),
        ("notes.csv", b"account_number\n1\n", "file_kind_unknown"),
        ("bills-and-meters.csv", b"account_number\n1\n", "file_kind_unknown"),
    ],
)
def test_what_is_no_file_of_the_billing_is_told_so(
    take_in: Import, name: str, content: bytes, code: str
) -> None:
    result = take_in(name, content)

    assert (result["applied"], result["rows"]) == (0, 0)
    assert [(r["line"], r["code"]) for r in result["refusals"]] == [(None, code)]
    assert result["refusals"][0]["text"]
    assert result["finished_at"]


def test_a_header_without_rows_is_no_mistake(take_in: Import) -> None:
    result = take_in("payments-none.csv", "account_number;amount;paid_at\r\n")

    assert (result["rows"], result["refusals"]) == (0, [])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_too_long_to_be_read_is_refused_alone(take_in: Import, place: int) -> None:
    numbers = [fresh_number(), fresh_number()]
    lines = [jsonl(account_row(number)) for number in numbers]
    lines.insert(place, json.dumps({"account_number": "1" * 2_500_000}) + "\n")

    result = take_in(f"accounts-long-{place}.jsonl", "".join(lines))

    assert (result["rows"], result["applied"]) == (3, 2)
    assert [(r["line"], r["code"]) for r in result["refusals"]] == [(place + 1, "row_too_long")]


def test_separators_inside_quotes_are_text(take_in: Import) -> None:
    number = fresh_number()
    table = "account_number,owner_name,address\r\n"
    table += f'{number},"Пробный, ""Младший""","г. Примерск, ул. Новая; кв. 2"\r\n'

    result = take_in("accounts-13.csv", table)

    assert result["refusals"] == []
    account = stored(number)
    assert account.owner_name == 'Пробный, "Младший"'
    assert account.address == "г. Примерск, ул. Новая; кв. 2"


def test_a_payment_that_the_cabinet_never_took_is_not_acknowledged(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-14.jsonl", jsonl(account_row(number)))
    row = {
        "account_number": number,
        "amount": 30_000,
        "paid_at": "2026-11-05",
        "payment_id": "pay_never",
    }

    result = take_in("payments-14.jsonl", jsonl(row))

    assert [(r["field"], r["code"]) for r in result["refusals"]] == [
        ("payment_id", "payment_unknown")
    ]
    assert list(imported_of(number)) == []


def test_a_payment_that_stands_in_the_ledger_only_is_acknowledged(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-15.jsonl", jsonl(account_row(number)))
    at = datetime(2026, 10, 5, 10, tzinfo=UTC)
    Entry(
        number,
        entry_item(at, "pay_3"),
        entry_id="pay_3",
        kind="payment",
        payment_id="pay_3",
        client_id="cl_1",
        amount=30_000,
        debit="provider",
        credit=f"account:{number}",
        at=at,
    ).save()
    row = {"account_number": number, "paid_at": "2026-10-05", "payment_id": "pay_3"}

    result = take_in("payments-15.jsonl", jsonl(row | {"amount": 30_000}, row | {"amount": 30_001}))

    assert result["applied"] == 1
    assert [(r["line"], r["code"]) for r in result["refusals"]] == [(2, "payment_differs")]


def test_a_payment_told_again_with_another_moment_stays_one(take_in: Import) -> None:
    number = fresh_number()
    take_in("accounts-16.jsonl", jsonl(account_row(number)))
    take_in("bills-16.jsonl", jsonl(bill_row(number)))
    row = {"id": "B-16", "account_number": number, "amount": 20_000}

    take_in("payments-16.jsonl", jsonl(row | {"paid_at": "2026-11-05T10:00:00Z"}))
    again = take_in("payments-16.jsonl", jsonl(row | {"paid_at": "2026-11-06T10:00:00Z"}))

    assert again["applied"] == 1
    assert [each.paid_at.day for each in imported_of(number)] == [6]
    assert balance_of(stored(number)).to_pay == 100_000
