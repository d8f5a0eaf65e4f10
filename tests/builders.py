"""The standing people and accounts of the tests, written straight into the tables.

`Centre` is the billing's side: accounts with bills, meters and suppliers, as an import leaves them.
`Person` is a signed-in client. Every number, phone and name is invented; numbers never repeat
within a run, so tests share tables without meeting.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib import clock, ids
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.bill import Bill, BillLines, bill_item, lines_item
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.holder import (
    HOLDINGS,
    HeldAccount,
    Holder,
    Holdings,
    held_item,
    holder_item,
)
from chalicelib.models.meter import Meter, meter_item
from chalicelib.models.session import Session, session_item
from chalicelib.models.suppliers import ITEM as SUPPLIERS
from chalicelib.models.suppliers import Suppliers
from chalicelib.services import tokens

_numbers = itertools.count(1)
_phones = itertools.count(0)


def fresh_number() -> str:
    """An account number that no test has used."""
    return f"70{next(_numbers):08d}"


def fresh_phone() -> str:
    """A phone that no test has used, in E.164."""
    return f"+7900{next(_phones):07d}"


def months_back(count: int, *, since: date | None = None) -> str:
    """The billing period `count` months before the present Moscow month: `2026-10`."""
    day = since or clock.today()
    months = day.year * 12 + day.month - 1 - count
    return f"{months // 12}-{months % 12 + 1:02d}"


@dataclass(frozen=True)
class MadeAccount:
    """An account as made; `bills` newest first, meters by id in order of making."""

    number: str
    bills: tuple[Bill, ...]
    meters: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.number

    @property
    def to_pay(self) -> int:
        """Kopecks of the newest bill, with insurance."""
        return int(self.bills[0].to_pay)

    def stored(self) -> Account:
        """The account item as it stands now."""
        return Account.get(self.number, ACCOUNT, consistent_read=True)


class Centre:
    """The settlement centre's billing: makes accounts as its imports would leave them."""

    def account(
        self,
        number: str | None = None,
        *,
        to_pay: int = 383_719,
        insurance: int = 6_780,
        debt_at_start: int = 0,
        paid: int = 0,
        bills: int = 3,
        meters: int | Sequence[dict[str, Any]] = 0,
        window: tuple[int, int] = (1, 31),
        suppliers: Sequence[dict[str, Any]] = (),
        **facts: Any,
    ) -> MadeAccount:
        """An account whose newest bill is last month's, of `to_pay` kopecks, insurance included.

        Older bills are each 10,01 roubles less than the next one. `meters` are a count or one dict
        of `Meter` attributes each, `suppliers` as `models/suppliers.py` keeps them. `facts` are
        further attributes of `Account`.
        """
        number = number or fresh_number()
        made = tuple(
            self.bill(
                number,
                months_back(1 + age),
                to_pay=max(to_pay - 1_001 * age, 0),
                insurance=insurance,
                debt_at_start=debt_at_start,
                paid=paid,
            )
            for age in range(bills)
        )
        newest = made[0] if made else None
        Account(
            number,
            ACCOUNT,
            **{
                "owner_name": "Пробный Абонент Тестович",
                "address": "г. Примерск, ул. Образцовая, д. 1, кв. 2",
                "total_area": "33.90",
                "living_area": "20.80",
                "residents": 2,
                "registered": 2,
                "ownership": "private",
                "window_opens": window[0],
                "window_closes": window[1],
                "bill_period": newest.period if newest else None,
                "bill_to_pay": newest.to_pay if newest else 0,
                "bill_insurance": insurance if newest else 0,
                "bill_debt_at_start": newest.debt_at_start if newest else 0,
                "bill_charged": newest.charged if newest else 0,
                "bill_paid": newest.paid if newest else 0,
                "bill_due_on": newest.due_on if newest else None,
                "bill_as_of": newest.as_of if newest else None,
                **facts,
            },
        ).save()
        if suppliers:
            Suppliers(number, SUPPLIERS, suppliers=list(suppliers)).save()
        wanted = [{} for _ in range(meters)] if isinstance(meters, int) else list(meters)
        return MadeAccount(number, made, tuple(self.meter(number, **each) for each in wanted))

    def bill(
        self,
        number: str,
        period: str,
        *,
        to_pay: int,
        insurance: int = 0,
        debt_at_start: int = 0,
        paid: int = 0,
    ) -> Bill:
        """One bill with two lines (cold water, insurance), totals and lines both stored."""
        charged = to_pay - debt_at_start + paid
        year, month = int(period[:4]), int(period[5:])
        issued = datetime(year + month // 12, month % 12 + 1, 1, 6, 0, tzinfo=UTC)
        bill = Bill(
            number,
            bill_item(period),
            period=period,
            to_pay=to_pay,
            to_pay_without_insurance=to_pay - insurance,
            debt_at_start=debt_at_start,
            charged=charged,
            paid=paid,
            due_on=f"{issued:%Y-%m}-15",
            as_of=issued,
            revision=f"{period}/{to_pay}",
        )
        bill.save()
        lines = [_line("ХОЛОДНОЕ В/С", charged - insurance, is_insurance=False)]
        if insurance:
            lines.append(_line("ДОБРОВОЛЬНОЕ СТРАХОВАНИЕ", insurance, is_insurance=True))
        BillLines(number, lines_item(period), period=period, lines=lines).save()
        return bill

    def meter(self, number: str, **facts: Any) -> str:
        """One metering device; `facts` are attributes of `Meter`. Returns its id."""
        meter_id = facts.pop("meter_id", None) or ids.new_id("mtr")
        Meter(
            number,
            meter_item(meter_id),
            meter_id=meter_id,
            **{
                "number": f"№{meter_id[-6:]}",
                "service": "ХОЛОДНОЕ В/С",
                "unit": "м3",
                "capacity_integer": 5,
                "capacity_fraction": 3,
                "zones": ["T1"],
                "verification_due": "2031-11-07",
                "last_billed": {"values": {"T1": "108.006"}, "on": f"{months_back(1)}-20"},
                **facts,
            },
        ).save()
        return str(meter_id)


def _line(service: str, amount: int, *, is_insurance: bool) -> dict[str, Any]:
    return {
        "service": service,
        "supplier": "Примерский водоканал",
        "volume": "1.0000",
        "unit": "м3",
        "tariff": f"{amount // 100}.{amount % 100:02d}",
        "charged": amount,
        "individual": amount,
        "common": 0,
        "benefit": 0,
        "recalculation": 0,
        "penalty": 0,
        "total": amount,
        "insurance": is_insurance,
    }


@dataclass
class Person:
    """A signed-in client. `headers` carry an access token that is fresh at every use."""

    phone: str = field(default_factory=fresh_phone)
    client_id: str = field(default_factory=lambda: ids.new_id("cli"))
    session_id: str = field(default_factory=lambda: ids.new_id("ses"))
    language: str = "ru"

    def registers(self, **profile: Any) -> "Person":
        """Store the profile; `profile` are attributes of `Client`."""
        Client(
            self.client_id,
            PROFILE,
            **{
                "phone": self.phone,
                "language": self.language,
                "created_at": clock.now(),
                **profile,
            },
        ).save()
        return self

    @property
    def headers(self) -> dict[str, str]:
        """What a signed-in request carries."""
        token = tokens.issue(
            tokens.Purpose.ACCESS,
            self.client_id,
            clock.now(),
            timedelta(minutes=15),
            sid=self.session_id,
        )
        return {"Authorization": f"Bearer {token}", "Accept-Language": self.language}

    def holds(
        self,
        account: MadeAccount | str,
        *,
        verified: bool = True,
        primary: bool = False,
        name: str | None = None,
    ) -> "Person":
        """Link `account` to this client, without a proof. The first one is primary."""
        number, now = str(account), clock.now()
        Holder(
            number,
            holder_item(self.client_id),
            client_id=self.client_id,
            verified=verified,
            since=now,
        ).save()
        HeldAccount(
            self.client_id,
            held_item(number),
            account_number=number,
            name=name,
            verified=verified,
            since=now,
        ).save()
        chosen = Holdings.primary.set(number if primary else Holdings.primary | number)
        Holdings(self.client_id, HOLDINGS).update([chosen, Holdings.changes.add(1)])
        return self


def fresh_from_code(someone: Person, at: datetime) -> dict[str, str]:
    """Headers of a session that an SMS code opened at `at`, and that stands."""
    Session(
        someone.client_id,
        session_item(someone.session_id),
        phone=someone.phone,
        expires_at=int((at + timedelta(days=180)).timestamp()),
        created_at=at,
        last_used_at=at,
    ).save()
    token = tokens.issue(
        tokens.Purpose.ACCESS,
        someone.client_id,
        at,
        timedelta(minutes=15),
        sid=someone.session_id,
        code_at=int(at.timestamp()),
    )
    return {"Authorization": f"Bearer {token}"}
