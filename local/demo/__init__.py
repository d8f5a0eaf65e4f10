"""The demo settlement centre: invented accounts with bills and meters, and two clients.

The smallest form: accounts are written straight into the tables. It is to give way to a generator
of the billing's files with the same two functions.
"""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.models.account import ITEM, Account
from chalicelib.models.bill import Bill, BillLines, bill_item, lines_item
from chalicelib.models.meter import Meter, meter_item

CENTRE = "Пробный расчётный центр"
FREE = 24
CLIENTS = ("+79000000001", "+79000000002")
FIRST_NUMBER = 7000000001
EVERY_DAY, MONTHS_END = (1, 31), (15, 26)


def generate(seed: int, up_to_period: str, folder: Path) -> None:
    """Make the centre with bills up to a period; writes `demo.json`."""
    chance = random.Random(seed)  # noqa: S311 - invented figures
    numbers = [str(FIRST_NUMBER + n) for n in range(2 * len(CLIENTS) + FREE)]
    figures = {}
    for place, number in enumerate(numbers):
        late = place in range(1, 2 * len(CLIENTS), 2)  # each client's second account
        figures[number] = _account(
            number, MONTHS_END if late else EVERY_DAY, up_to_period, place, chance
        )
    held = [numbers[2 * n : 2 * n + 2] for n in range(len(CLIENTS))]
    demo = {
        "centre": CENTRE,
        "clients": [{"phone": p, "accounts": a} for p, a in zip(CLIENTS, held, strict=True)],
        "free_accounts": [figures[number] for number in numbers[2 * len(CLIENTS) :]],
        "proofs": figures,
    }
    (folder / "demo.json").write_text(json.dumps(demo, ensure_ascii=False), "utf-8")


def close_month(seed: int, period: str, folder: Path) -> list[Path]:
    """The files of a closed month; none yet."""
    del seed, period, folder
    return []


def _account(
    number: str, window: tuple[int, int], period: str, place: int, chance: random.Random
) -> dict[str, object]:
    address = f"г. Примерск, ул. Образцовая, д. 1, кв. {place + 1}"
    periods = [_before(period, age) for age in range(3)]
    amounts = [chance.randrange(250_000, 600_000) for _ in periods]
    for each, amount in zip(periods, amounts, strict=True):
        _bill(number, each, amount)
    Account(
        number,
        ITEM,
        owner_name="Пробный Абонент",
        address=address,
        total_area="54.30",
        living_area="31.10",
        residents=2,
        registered=2,
        ownership="private",
        window_opens=window[0],
        window_closes=window[1],
        bill_period=period,
        bill_to_pay=amounts[0],
        bill_charged=amounts[0],
        bill_as_of=_issued(period),
    ).save()
    for service, value in (("ХОЛОДНОЕ В/С", "108.006"), ("ГОРЯЧЕЕ В/С", "61.250")):
        meter_id = f"{number}-{service[:1]}"
        Meter(
            number,
            meter_item(meter_id),
            meter_id=meter_id,
            number=f"{chance.randrange(10**7):07d}",
            service=service,
            unit="м3",
            capacity_integer=5,
            capacity_fraction=3,
            zones=["T1"],
            verification_due="2031-11-07",
            last_billed={"values": {"T1": value}, "on": f"{period}-20"},
        ).save()
    return {
        "account_number": number,
        "period": period,
        "amount": amounts[0],
        "address": address,
    }


def _bill(number: str, period: str, amount: int) -> None:
    Bill(
        number,
        bill_item(period),
        period=period,
        to_pay=amount,
        to_pay_without_insurance=amount,
        debt_at_start=0,
        charged=amount,
        paid=0,
        due_on=f"{_issued(period):%Y-%m}-15",
        as_of=_issued(period),
        revision=f"demo/{period}/{amount}",
    ).save()
    line = {
        "service": "ХОЛОДНОЕ В/С",
        "supplier": "Примерский водоканал",
        "volume": "5.0000",
        "unit": "м3",
        "tariff": "54.61",
        "charged": amount,
        "individual": amount,
        "common": 0,
        "benefit": 0,
        "recalculation": 0,
        "penalty": 0,
        "total": amount,
        "insurance": False,
    }
    BillLines(number, lines_item(period), period=period, lines=[line]).save()


def _issued(period: str) -> datetime:
    after = _before(period, -1)
    return datetime(int(after[:4]), int(after[5:]), 1, 6, tzinfo=UTC)


def _before(period: str, months: int) -> str:
    count = int(period[:4]) * 12 + int(period[5:]) - 1 - months
    return f"{count // 12}-{count % 12 + 1:02d}"
