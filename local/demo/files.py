"""How the demo centre's files are written: JSON Lines, and tables of an older program."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from local.demo.centre import Paid

PAYMENT_COLUMNS = ("id", "account_number", "amount", "paid_at", "period", "agent", "payment_id")


def total(paid: Iterable[Paid]) -> Paid:
    """Everything that was paid in a month."""
    each = list(paid)
    return Paid(sum(p.amount for p in each), sum(p.insurance for p in each))


def line(row: dict[str, Any]) -> str:
    """One row of a JSON Lines file."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def sparse(bill: dict[str, Any]) -> dict[str, Any]:
    """The bill without what may be left out of its lines: zeros, and parts that are the whole."""
    return {**bill, "lines": [_sparse_line(each) for each in bill["lines"]]}


def _sparse_line(told: dict[str, Any]) -> dict[str, Any]:
    left_out = () if told["common"] else ("individual", "common")
    return {
        name: value
        for name, value in told.items()
        if name not in left_out and (value or name == "charged")
    }


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON Lines file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line(row) for row in rows)


def write_payments(path: Path, rows: Iterable[tuple[Any, ...]]) -> None:
    """A table in windows-1251 with semicolons, as older programs write it."""
    with path.open("w", encoding="windows-1251", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(PAYMENT_COLUMNS)
        writer.writerows(rows)
