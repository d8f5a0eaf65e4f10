"""The demo centre closes a month, as a billing does: from the files that the cabinet sent it.

It reads the export files it has not read yet, bills everybody, and acknowledges the cabinet's
payments. What it goes on from next time stands in its own `centre.json`.
"""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.demo.centre import Centre, Member, Paid
from local.demo.files import line, sparse, total, write_payments

STATE = "centre.json"
TOLD = "demo.json"
KEPT = 1
"""Counted values kept of each device: the cabinet has the earlier ones."""
Rows = list[dict[str, str]]


def save(centre: Centre, folder: Path, closed: str, taken: list[str]) -> None:
    """Write down what the next month goes on from."""
    state = {
        "accounts": len(centre.members),
        "closed": closed,
        "taken": taken,
        "members": {
            m.number: [m.to_pay, m.insurance, m.household.meters, m.counted[-KEPT:]]
            for m in centre.members
        },
    }
    fresh = folder / f"{STATE}.new"
    fresh.write_text(json.dumps(state), "utf-8")
    fresh.replace(folder / STATE)


def tell(folder: Path, told: dict[str, Any]) -> None:
    """Write down what `/_local/demo` says."""
    fresh = folder / f"{TOLD}.new"
    fresh.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    fresh.replace(folder / TOLD)


def free_accounts(centre: Centre, period: str) -> list[dict[str, Any]]:
    """How to prove the accounts that nobody held at the start, by their bills of `period`.

    An old bill proves nothing, and neither does a bill with nothing to pay.
    """
    return [figures(member, period) for member in centre.free if member.to_pay > 0]


def figures(member: Member, period: str) -> dict[str, Any]:
    """How to prove one account by its newest bill, that of `period`."""
    return {
        "account_number": member.number,
        "period": period,
        "amount": member.to_pay,
        "address": member.home.address,
    }


def close_month(seed: int, period: str, folder: Path) -> list[Path]:
    """The files of the closed month `period`, in the order in which they go into the bucket.

    A month that is closed already gives its files again; months that were slept through are closed
    on the way.
    """
    state = json.loads((folder / STATE).read_text("utf-8"))
    if period <= state["closed"]:
        return _files(folder, period) if (folder / f"bills-{period}.jsonl").exists() else []
    centre = _restored(seed, state)
    made: list[Path] = []
    month = _next(state["closed"])
    taken = list(state["taken"])
    while month <= period:
        names, payments, readings = _sent(taken, month)
        _close(centre, month, folder, payments, readings)
        taken += names
        made += _files(folder, month)
        save(centre, folder, month, taken)
        told = json.loads((folder / TOLD).read_text("utf-8"))
        tell(folder, {**told, "free_accounts": free_accounts(centre, month)})
        month = _next(month)
    return made


def _files(folder: Path, period: str) -> list[Path]:
    return [
        folder / name
        for name in (f"payments-{period}.csv", f"bills-{period}.jsonl", f"meters-{period}.jsonl")
    ]


def _close(centre: Centre, period: str, folder: Path, payments: Rows, readings: Rows) -> None:
    of_account: dict[str, Rows] = {}
    for row in payments:
        of_account.setdefault(row["account_number"], []).append(row)
    read_off = _read_off(readings)
    acknowledged: list[tuple[Any, ...]] = []
    shown = {number for client in centre.clients for number in client["accounts"]}
    shown |= {member.number for member in centre.free}
    bills, meters, told = (
        _files(folder, period)[1],
        _files(folder, period)[2],
        _files(folder, period)[0],
    )
    with (
        bills.open("w", encoding="utf-8") as bill_file,
        meters.open("w", encoding="utf-8") as meter_file,
    ):
        for member in centre.members:
            ours = of_account.get(member.number, [])
            paid = [Paid(int(row["amount"]), int(row["insurance"] or 0)) for row in ours]
            acknowledged += [
                (r["id"], member.number, r["amount"], r["paid_at"], period, "", r["id"])
                for r in ours
            ]
            if member.number not in shown and not ours:
                elsewhere = centre.habitual(member, period)
                paid += [each for each, _ in elsewhere]
                acknowledged += [
                    (f"{member.number}-{period}-{n}", member.number, p.amount, at, period, "", "")
                    for n, (p, at) in enumerate(elsewhere, 1)
                ]
            known = _devices(member, read_off)
            bill_file.write(line(sparse(centre.bill(member, period, total(paid), known))))
            for row in centre.meter_rows(member, period, history=1):
                meter_file.write(line(row))
    write_payments(told, acknowledged)


def _sent(taken: list[str], period: str) -> tuple[list[str], Rows, Rows]:
    """Export files up to the end of `period` that were not read yet: names, payments, readings."""
    import boto3

    from chalicelib.config import settings

    s3 = boto3.client("s3")
    bucket = settings().EXPORT_BUCKET
    names: list[str] = []
    rows: dict[str, Rows] = {"payments": [], "readings": []}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", []):
            name = found["Key"]
            kind, _, day = name.removesuffix(".csv").partition("-")
            if kind not in rows or name in taken or day[:7] > period:
                continue
            text = s3.get_object(Bucket=bucket, Key=name)["Body"].read().decode("utf-8-sig")
            rows[kind] += csv.DictReader(io.StringIO(text), delimiter=";")
            names.append(name)
    return names, rows["payments"], rows["readings"]


def _read_off(readings: Rows) -> dict[str, list[int]]:
    """The last accepted values by device, thousandths."""
    found: dict[str, list[int]] = {}
    for row in sorted(readings, key=lambda row: row["taken_at"]):
        if row["state"] == "accepted":
            found[row["meter_id"]] = list(_thousandths(row))
        else:
            found.pop(row["meter_id"], None)
    return found


def _thousandths(row: dict[str, str]) -> Iterator[int]:
    for zone in ("T1", "T2", "T3"):
        if row[zone]:
            yield int(Decimal(row[zone]) * 1_000)


def _devices(member: Member, read_off: dict[str, list[int]]) -> dict[str, list[int]]:
    """The member's devices that were read off to no less than what bills counted."""
    known = {}
    for place, device in enumerate(("cold", "hot", "power"), 1):
        values = read_off.get(f"{member.number}-{place}")
        before = member.household.meters[device]
        if values is None or len(values) != len(before):
            continue
        if all(new >= old for new, old in zip(values, before, strict=True)):
            known[device] = values
    return known


def _restored(seed: int, state: dict[str, Any]) -> Centre:
    centre = Centre(seed, state["accounts"])
    for member in centre.members:
        to_pay, insurance, meters, counted = state["members"][member.number]
        member.to_pay, member.insurance = to_pay, insurance
        member.household.meters = meters
        member.counted = [(day, values) for day, values in counted]
    return centre


def _next(period: str) -> str:
    months = int(period[:4]) * 12 + int(period[5:])
    return f"{months // 12}-{months % 12 + 1:02d}"
