"""Files of the billing through the bucket's own door."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from chalicelib.config import settings
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
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
