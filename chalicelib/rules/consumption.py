"""What a household uses: differences of readings and the mean of its last months, exactly.

All arithmetic is of decimals wide enough for any dial, so nothing is ever rounded before it is
compared; only `Mean.shown` rounds, for people to read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from chalicelib.rules.periods import months_between

LIMIT: Final = Decimal(1000)
"""More than this between two readings is refused, whoever confirms it."""
HIGH_FACTOR: Final = 3
MEAN_MONTHS: Final = 6

_EXACT: Final = Context(prec=80)


def difference(current: Decimal, previous: Decimal) -> Decimal:
    """`current` - `previous` with every fraction digit of both."""
    return _EXACT.subtract(current, previous)


@dataclass(frozen=True)
class Mean:
    """What was used over whole months."""

    used: Decimal
    months: int

    def exceeded_by(self, consumption: Decimal) -> bool:
        """Whether `consumption` is over three times a month's mean."""
        return _EXACT.multiply(consumption, Decimal(self.months)) > _EXACT.multiply(
            self.used, Decimal(HIGH_FACTOR)
        )

    def shown(self, fraction: int) -> Decimal:
        """A month's mean, rounded to the digits of the dial."""
        mean = _EXACT.divide(self.used, Decimal(self.months))
        return mean.quantize(Decimal(1).scaleb(-fraction), ROUND_HALF_UP, _EXACT)


def mean_of(values: Mapping[str, Decimal]) -> Mean | None:
    """The mean of the six months up to the newest of `values` (period to value); None without history.

    A shorter history counts as far as it goes; when the last six months hold one value only, the
    one before them is taken with all the months between. A dial that went back says nothing.
    """
    if len(values) < 2:
        return None
    newest = max(values)
    ages = sorted((months_between(period, newest), period) for period in values)
    within = [each for each in ages if 0 < each[0] <= MEAN_MONTHS]
    months, base = within[-1] if within else ages[1]
    used = difference(values[newest], values[base])
    return Mean(used, months) if used >= 0 else None
