"""The demo centre's own billing: accounts with their money and meters, month by month.

`Centre` makes the rows of the import files and keeps what the next month goes on from. Insurance
that nobody paid lapses; what was paid for it settled that and is no advance.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from local.demo.bills import (
    COLD,
    ELECTRICITY,
    HOT,
    SUPPLIERS,
    Household,
    lines,
    thousandths,
    used,
)
from local.demo.people import Home, home

FIRST_NUMBER = 51_000_000
CLIENTS = (("+79000000101", 3), ("+79000000102", 2))
"""Phones of the demo clients, and how many accounts each has."""
FREE = 200
"""At most so many accounts nobody holds and everybody may try: half of a smaller town's, at least 25."""
UNITS = {
    "cold": (COLD, "м³", 5, 3),
    "hot": (HOT, "м³", 5, 3),
    "power": (ELECTRICITY, "кВт·ч", 6, 1),
}


@dataclass(frozen=True)
class Paid:
    """Money that a bill counts: kopecks, and how much of them was for insurance."""

    amount: int = 0
    insurance: int = 0


@dataclass
class Member:
    """One account of the centre."""

    number: str
    home: Home
    household: Household
    habit: str
    """`full`, `part`, `late` or `ahead`: how its people pay."""
    window: tuple[int, int]
    to_pay: int = 0
    insurance: int = 0
    counted: list[tuple[str, dict[str, list[int]]]] = field(default_factory=list)
    """Days and values of devices that bills counted, oldest first."""


class Centre:
    """The billing of a town; everything follows from `seed`."""

    def __init__(self, seed: int, accounts: int) -> None:
        self._seed = seed
        random = Random(seed)  # noqa: S311 - the same town every time
        self._free = min(FREE, max(25, accounts // 2))
        self.members = [_member(random, place, self._free) for place in range(accounts)]
        self.by_number = {member.number: member for member in self.members}

    @property
    def clients(self) -> list[dict[str, Any]]:
        """The demo clients: phone and accounts, the first of which takes readings on every day."""
        found, place = [], 0
        for phone, count in CLIENTS:
            numbers = [m.number for m in self.members[place : place + count]]
            found.append({"phone": phone, "accounts": numbers})
            place += count
        return found

    @property
    def free(self) -> list[Member]:
        """Accounts that nobody holds."""
        held = sum(count for _, count in CLIENTS)
        return self.members[held : held + self._free]

    def account_row(self, member: Member) -> dict[str, Any]:
        """The row of `accounts.jsonl`."""
        area = f"{member.home.area // 100}.{member.home.area % 100:02d}"
        living = member.home.area * 6 // 10
        return {
            "account_number": member.number,
            "owner_name": member.home.owner,
            "address": member.home.address,
            "total_area": area,
            "living_area": f"{living // 100}.{living % 100:02d}",
            "residents": member.home.residents,
            "registered": member.home.residents,
            "ownership": "private",
            "insurance_refused": False,
            "reading_window": {"opens_on": member.window[0], "closes_on": member.window[1]},
            "suppliers": [
                {
                    "number": number,
                    "name": name,
                    "services": list(services),
                    "contacts": {
                        "phones": [f"+7 900 000-07-0{number}"],
                        "site": f"https://supplier{number}.example",
                    },
                }
                for number, (name, services) in SUPPLIERS.items()
            ],
        }

    def meter_rows(
        self, member: Member, last_closed: str, history: int = 7
    ) -> list[dict[str, Any]]:
        """The rows of `meters.jsonl`: three devices with what the last bills counted.

        Seven values make the six months that a mean consumption is taken from.
        """
        rows = []
        year = int(last_closed[:4])
        for place, (device, (service, unit, integer, fraction)) in enumerate(UNITS.items()):
            told = [
                {"values": self._values(values[device], fraction), "on": day}
                for day, values in member.counted[-history:]
            ]
            due = year + 1 + (int(member.number) + place) % 5
            rows.append(
                {
                    "account_number": member.number,
                    "id": f"{member.number}-{place + 1}",
                    "number": f"{int(member.number) * 7 % 900_000 + 100_000 + place}",
                    "service": service,
                    "unit": unit,
                    "capacity": {"integer": integer, "fraction": fraction},
                    "zones": ["T1", "T2", "T3"][: len(member.household.meters[device])],
                    "verification_due": f"{due}-{1 + place * 3:02d}-15",
                    "status": "ok",
                    "last_billed": told[-1],
                    "history": told[:-1],
                }
            )
        return rows

    def bill(
        self,
        member: Member,
        period: str,
        paid: Paid,
        readings: Mapping[str, list[int]] | None = None,
    ) -> dict[str, Any]:
        """The bill of `period`, from what was paid in it and the values that were read off.

        A device nobody read goes on as it is used to. The member moves on to the bill.
        """
        random = self.random(member, period)
        usage = used(random, member.household)
        for device, values in (readings or {}).items():
            before = member.household.meters[device]
            usage[device] = [new - old for new, old in zip(values, before, strict=True)]
        for device, volumes in usage.items():
            values = member.household.meters[device]
            member.household.meters[device] = [
                value + volume for value, volume in zip(values, volumes, strict=True)
            ]
        day = f"{period}-{random.randrange(20, 26):02d}"
        meters = {device: list(values) for device, values in member.household.meters.items()}
        member.counted.append((day, meters))
        debt = member.to_pay - member.insurance
        insured = min(paid.insurance, member.insurance)
        made = lines(random, member.household, int(period[5:]), usage, debt)
        charged = sum(line["total"] for line in made)
        member.insurance = sum(line["total"] for line in made if line["insurance"])
        member.to_pay = debt + charged - paid.amount + insured
        return {
            "account_number": member.number,
            "period": period,
            "to_pay": member.to_pay,
            "to_pay_without_insurance": member.to_pay - member.insurance,
            "debt_at_start": debt,
            "charged": charged,
            "paid": paid.amount,
            "insurance_paid": insured,
            "due_on": f"{_after(period)}-15",
            "as_of": f"{_after(period)}-01T03:00:00+03:00",
            "lines": made,
        }

    def habitual(self, member: Member, period: str) -> list[tuple[Paid, str]]:
        """What this account's people pay during `period` elsewhere, with the moments."""
        random = self.random(member, period, "paying")
        due, insurance = member.to_pay, member.insurance
        if due <= 0:
            return []
        chance = random.random()
        if member.habit == "late" and chance < 0.5:
            return []
        if member.habit == "part":
            amount, insurance = int(due * 0.7) // 100 * 100, 0
        elif member.habit == "ahead":
            amount = due * 4 // 100_000 * 100_000 + 100_000
        elif chance < 0.3:
            amount, insurance = due - insurance, 0
        else:
            amount = due
        if amount <= 0:
            return []
        at = f"{period}-{random.randrange(3, 15):02d}T{random.randrange(9, 20):02d}:30:00+03:00"
        made = [(Paid(amount, insurance), at)]
        if random.random() < 0.01:  # paid twice by mistake and taken back: equal rows are legal
            made += [(Paid(amount), at), (Paid(-amount), at)]
        return made

    def random(self, member: Member, *words: str) -> Random:
        """Chance that depends on the seed, the account and `words` alone."""
        text = "/".join([str(self._seed), member.number, *words])
        return Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - same

    @staticmethod
    def _values(values: list[int], fraction: int) -> dict[str, str]:
        cut = 3 - fraction
        texts = [thousandths(value) for value in values]
        return {f"T{n}": text[:-cut] if cut else text for n, text in enumerate(texts, 1)}


def _member(random: Random, place: int, free: int) -> Member:
    at = home(random, place)
    zones = random.choice((1, 1, 2, 2, 3))
    meters = {
        "cold": [random.randrange(20_000, 400_000)],
        "hot": [random.randrange(20_000, 300_000)],
        "power": [random.randrange(1_000, 20_000) * 1_000 for _ in range(zones)],
    }
    household = Household(
        area=at.area,
        residents=at.residents,
        zones=zones,
        intercom=random.random() < 0.7,
        common_power=random.random() < 0.5,
        insured=random.random() < 0.5,
        benefit=random.random() < 0.15,
        meters=meters,
    )
    habit = random.choices(("full", "part", "late", "ahead"), (70, 12, 10, 8))[0]
    held = sum(count for _, count in CLIENTS)
    firsts = {sum(count for _, count in CLIENTS[:n]) for n in range(len(CLIENTS))}
    shown = place < held + free
    if shown:
        habit = "full"
    always = place in firsts or held <= place < held + free
    number = str(FIRST_NUMBER + 17 + place * 13)
    return Member(number, at, household, habit, (1, 31) if always else (15, 26))


def _after(period: str) -> str:
    months = int(period[:4]) * 12 + int(period[5:])
    return f"{months // 12}-{months % 12 + 1:02d}"
