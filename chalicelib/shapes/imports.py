"""Rows of the billing's files, one shape per kind; `docs/files.md` shows them as column tables.

A row comes as JSON or, from CSV, as a dict of strings, so numbers and moments are taken from text
too. Nothing is guessed: an amount with a fraction or a comma is refused, not rounded.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
)

from chalicelib.clock import MOSCOW
from chalicelib.errors import Code
from chalicelib.shapes.base import AccountNumber, Period, Text, field_error

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,9})?")


class Row(BaseModel):
    """Base of every row: unknown fields are refused, an empty cell is an absent one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _kopecks(value: Any) -> int:
    if type(value) is int:  # most of all cells of a large file
        return value
    if isinstance(value, dict):
        if value.get("currency", "RUB") != "RUB":
            raise field_error(Code.CURRENCY_UNKNOWN)
        if set(value) - {"amount", "currency"} or "amount" not in value:
            raise field_error(Code.AMOUNT_NOT_KOPECKS)
        value = value["amount"]
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise field_error(Code.AMOUNT_NOT_KOPECKS)
    return value


def _decimal_text(value: Any) -> str:
    if isinstance(value, bool):
        raise field_error(Code.NOT_A_DECIMAL)
    if isinstance(value, int | float):
        value = format(Decimal(repr(value)), "f")
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise field_error(Code.NOT_A_DECIMAL)
    return value.replace(",", ".")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def _moment(value: Any) -> datetime:
    """A moment with its offset, or a Moscow day or time of day without one."""
    if not isinstance(value, str):
        raise field_error(Code.DATE_INVALID)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise field_error(Code.DATE_INVALID) from None
    if read.tzinfo is None:
        read = read.replace(tzinfo=MOSCOW)
    return read.astimezone(UTC).replace(microsecond=0)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise field_error(Code.DATE_INVALID) from None


def _day_of_month(value: Any) -> Any:
    """15, or a day such as 2026-11-15 whose day of month is meant."""
    if isinstance(value, str) and "-" in value:
        return _day(value).day
    return _whole(value)


def _listed(value: Any) -> Any:
    return re.split(r"[\s,;|]+", value.strip()) if isinstance(value, str) else value


def _not_zero(value: int) -> int:
    if value == 0:
        raise field_error(Code.OUT_OF_RANGE)
    return value


def _yes(value: Any) -> Any:
    if isinstance(value, str):
        return {"1": True, "0": False, "да": True, "нет": False}.get(value.lower(), value)
    return value


Kopecks = Annotated[
    int, BeforeValidator(_kopecks), Field(ge=-(10**12), le=10**12, json_schema_extra={"unit": "k"})
]
"""A whole number of kopecks, or `{"amount": 1, "currency": "RUB"}`."""
DecimalText = Annotated[str, BeforeValidator(_decimal_text)]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=1_000_000)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]
DayOfMonth = Annotated[int, BeforeValidator(_day_of_month), Field(ge=1, le=31)]
Flag = Annotated[bool, BeforeValidator(_yes)]
Words = Annotated[Text, Field(max_length=500)]
ShortText = Annotated[Text, Field(max_length=100)]
Id = Annotated[str, Field(pattern=r"^[A-Za-zА-Яа-яЁё0-9_.:/-]{1,80}$")]
Zone = Literal["T1", "T2", "T3"]
Zones = Annotated[list[Zone], BeforeValidator(_listed), Field(min_length=1, max_length=3)]
Values = Annotated[dict[Zone, DecimalText], Field(min_length=1)]


class SupplierContacts(Row):
    """How to reach a supplier."""

    address: Words | None = None
    phones: Annotated[list[ShortText], Field(max_length=10)] = Field(default_factory=list)
    site: Words | None = None
    bank_details: Annotated[Text, Field(max_length=1000)] | None = None


class Supplier(Row):
    """One supplier of services."""

    number: ShortText
    name: Words
    services: Annotated[list[Words], Field(max_length=50)] = Field(default_factory=list)
    contacts: SupplierContacts = SupplierContacts()


class ReadingWindow(Row):
    """Days of month on which readings open and close, inclusive."""

    opens_on: DayOfMonth
    closes_on: DayOfMonth
    open: Any = None
    """Follows from the days; not taken."""


class AccountRow(Row):
    """A personal account. What is absent stays as it was."""

    account_number: AccountNumber
    owner_name: Words | None = None
    address: Words | None = None
    total_area: DecimalText | None = None
    living_area: DecimalText | None = None
    residents: Whole | None = None
    registered: Whole | None = None
    ownership: ShortText | None = None
    insurance_refused: Flag | None = None
    reading_window: ReadingWindow | None = None
    window_overrides: (
        Annotated[
            dict[Period, Annotated[list[DayOfMonth], Field(min_length=2, max_length=2)]],
            Field(max_length=36),
        ]
        | None
    ) = None
    suppliers: Annotated[list[Supplier], Field(max_length=100)] | None = None


class BillLineRow(Row):
    """One service of a bill."""

    service: Words
    supplier: Words | None = None
    volume: DecimalText | None = None
    unit: ShortText | None = None
    tariff: DecimalText | None = None
    charged: Kopecks
    individual: Kopecks | None = None
    common: Kopecks | None = None
    benefit: Kopecks = 0
    recalculation: Kopecks = 0
    penalty: Kopecks = 0
    total: Kopecks
    insurance: Flag = False


class BillRow(Row):
    """A bill with its lines. From CSV: the rows of one account and period."""

    account_number: AccountNumber
    period: Period
    to_pay: Kopecks
    to_pay_without_insurance: Kopecks | None = None
    debt_at_start: Kopecks = 0
    charged: Kopecks
    paid: Kopecks = 0
    insurance_paid: Kopecks | None = None
    """How much of `paid` was for voluntary insurance of the month before."""
    due_on: Day | None = None
    as_of: Moment | None = None
    lines: Annotated[list[BillLineRow], Field(min_length=1, max_length=500)]


class Capacity(Row):
    """Digits of the device's dial before and after the point."""

    integer: Annotated[Whole, Field(ge=1, le=12)]
    fraction: Annotated[Whole, Field(ge=0, le=3)]


class Counted(Row):
    """Values as a bill counted them, by zone."""

    values: Values
    on: Day


class MeterRow(Row):
    """A metering device."""

    account_number: AccountNumber
    id: Id
    number: ShortText
    service: Words
    unit: ShortText
    capacity: Capacity
    zones: Zones = ["T1"]
    verification_due: Day | None = None
    status: Literal["ok", "faulty", "verification_expired"] = "ok"
    last_billed: Counted | None = None
    history: Annotated[list[Counted], Field(max_length=120)] = Field(default_factory=list)
    """Earlier counted values: what the mean consumption is taken from."""

    @field_validator("zones")
    @classmethod
    def _each_once(cls, value: list[Zone]) -> list[Zone]:
        if value != ["T1", "T2", "T3"][: len(value)]:
            raise field_error(Code.ZONE_UNKNOWN)
        return value


class PaymentRow(Row):
    """A payment, or with a negative amount a reversal."""

    account_number: AccountNumber
    amount: Annotated[Kopecks, AfterValidator(_not_zero)]
    paid_at: Moment
    id: Id | None = None
    period: Period | None = None
    agent: Words | None = None
    payment_id: Id | None = None
    """The `id` of our export's row, when the billing acknowledges a payment of the cabinet."""


SHAPES: Final[Mapping[str, type[Row]]] = {
    "accounts": AccountRow,
    "bills": BillRow,
    "meters": MeterRow,
    "payments": PaymentRow,
}
NOT_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "accounts": frozenset({"name", "primary", "verified", "balance", "insurance_available"}),
    "bills": frozenset(),
    "meters": frozenset({"last_submitted", "submit"}),
    "payments": frozenset({"status"}),
}
"""Fields of the API's answers that are the cabinet's own: borne in a row, and not taken."""


def midnight(day: date) -> datetime:
    """The beginning of a Moscow day."""
    return datetime.combine(day, time(), MOSCOW).astimezone(UTC)
