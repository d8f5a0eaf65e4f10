"""The table of calls and units of decision 1, and what DynamoDB says was used."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

RECORD: Final = Path(__file__).parents[1] / "docs/decisions/0001-keys-of-the-tables.md"
OF_EACH: Final = 2
"""Accounts, meters, holdings that an act here has: `n`, `m` and `k` of the table."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    operation: str
    calls: int
    recorded: list[str]
    writes: float
    reads: float


def rows() -> list[Row]:
    """The table of the record."""
    table = RECORD.read_text().split("### Calls per operation")[1].split("###")[0]
    cells = [
        [c.strip() for c in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    return [Row(c[0], int(c[1]), _recorded(c[2]), *_units(c[3])) for c in cells[1:]]


def _recorded(cell: str) -> list[str]:
    found = re.findall(r"`(\w+)`(?: ×(\d+))?", cell)
    return [name for name, times in found for _ in range(int(times or 1))]


def _units(cell: str) -> tuple[float, float]:
    """`5m+4 / m+3` for as many as the acts here have."""
    writes, reads = (_sum(side) for side in cell.split("/"))
    return writes, reads


def _sum(formula: str) -> float:
    total = 0.0
    for part in formula.strip().split("+"):
        number, letter = re.fullmatch(r"([\d.]*)([nmk]?)", part).groups()  # type: ignore[union-attr]
        total += float(number or 1) * (OF_EACH if letter else 1)
    return total


class Units:
    """Capacity units that DynamoDB says were used, writes and reads."""

    READS = ("GetItem", "BatchGetItem", "Query")

    def __init__(self) -> None:
        self.used: list[tuple[bool, float]] = []

    def ask(self, params: dict[str, object], **_: object) -> None:
        """Before a call."""
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(self, parsed: dict[str, Any], model: Any, **_: object) -> None:
        """After a call."""
        told = parsed.get("ConsumedCapacity") or []
        units = sum(
            table["CapacityUnits"] for table in (told if isinstance(told, list) else [told])
        )
        self.used.append((model.name in self.READS, units))

    def of_last(self, calls: int) -> tuple[float, float]:
        """Of the last so many calls."""
        last = self.used[len(self.used) - calls :]
        writes = sum(units for read, units in last if not read)
        return writes, sum(units for read, units in last if read)
