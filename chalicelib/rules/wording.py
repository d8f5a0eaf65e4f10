"""Words, money and time in a reader's language, as letters and SMS write them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from chalicelib import texts
from chalicelib.clock import MOSCOW


@dataclass(frozen=True)
class Words:
    """One reader's language, and what the texts call us."""

    language: texts.Language
    centre: str
    public_url: str

    def __call__(self, message: str, **params: Any) -> str:
        """The text of `message` in `mail.po`."""
        return texts.write(self.language, message, **params)

    def page(self, path: str) -> str:
        """The address of a page of the cabinet: `/readings`."""
        return f"{self.public_url}{path}"

    def money(self, kopecks: int) -> str:
        """`3 837,19 ₽` or `RUB 3,837.19`, with no-break spaces."""
        pattern = "¤\u00a0#,##0.00" if self.language == "en" else None
        return format_currency(Decimal(kopecks) / 100, "RUB", pattern, locale=self.language)

    def plain_money(self, kopecks: int) -> str:
        """`3837.19`: for an SMS, where a rouble sign or a no-break space doubles the price."""
        return format_decimal(
            Decimal(kopecks) / 100, "0.00", locale=self.language, group_separator=False
        )

    def day(self, day: date) -> str:
        """`22 ноября 2026`."""
        return format_date(day, "d MMMM y", locale=self.language)

    def short_day(self, day: date) -> str:
        """`22.11`: for an SMS."""
        return format_date(day, "dd.MM", locale=self.language)

    def moment(self, at: datetime) -> str:
        """Day and minute in Moscow, saying so."""
        written = format_datetime(at, "d MMMM y, HH:mm", tzinfo=MOSCOW, locale=self.language)
        return self("moment", moment=written)
