"""Writes the demo centre's first files: accounts, meters, bills and payments of 24 months."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.demo.centre import Centre, Paid
from local.demo.files import line, sparse, total, write_lines, write_payments
from local.demo.month import figures, free_accounts, save, tell
from local.demo.people import CENTRE

MONTHS = 24
AGENTS = ("Банк «Причал»", "Почта Светлоозёрска", "Касса центра")


@dataclass(frozen=True)
class Demo:
    """What a newcomer needs, and the files in the order in which they go into the bucket."""

    centre: str
    clients: list[dict[str, Any]]
    """`[{"phone", "accounts": [numbers]}]`."""
    free_accounts: list[dict[str, Any]]
    """`[{"account_number", "period", "amount", "address"}]`: nobody holds them; amounts in kopecks."""
    proofs: dict[str, dict[str, Any]]
    """The same of the clients' accounts, by number."""
    files: list[Path] = field(default_factory=list)


def generate(seed: int, last_closed: str, folder: Path, accounts: int = 1_000) -> Demo:
    """Write the files of a town of `accounts` whose newest bills are those of `last_closed`.

    Beside them `demo.json` says what `Demo` does. The same arguments give
    the same bytes. About three seconds per thousand accounts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    centre = Centre(seed, accounts)
    payments: list[tuple[Any, ...]] = []
    with (folder / "bills-history.jsonl").open("w", encoding="utf-8") as bills:
        for member in centre.members:
            for period in periods(last_closed):
                money = centre.habitual(member, period)
                payments += _rows(member.number, period, money)
                bill = centre.bill(member, period, total(paid for paid, _ in money))
                bills.write(line(sparse(bill)))
    write_lines(folder / "accounts.jsonl", (centre.account_row(m) for m in centre.members))
    write_lines(
        folder / "meters.jsonl",
        (row for m in centre.members for row in centre.meter_rows(m, last_closed)),
    )
    write_payments(folder / "payments-history.csv", payments)
    save(centre, folder, last_closed, [])
    names = ("accounts.jsonl", "meters.jsonl", "bills-history.jsonl", "payments-history.csv")
    demo = Demo(
        centre=CENTRE,
        clients=centre.clients,
        free_accounts=free_accounts(centre, last_closed),
        proofs={
            number: figures(centre.by_number[number], last_closed)
            for client in centre.clients
            for number in client["accounts"]
        },
        files=[folder / name for name in names],
    )
    tell(folder, {name: value for name, value in vars(demo).items() if name != "files"})
    return demo


def periods(last: str, count: int = MONTHS) -> list[str]:
    """The `count` periods up to `last`, oldest first."""
    months = int(last[:4]) * 12 + int(last[5:]) - 1
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(months - count + 1, months + 1)]


def _rows(number: str, period: str, money: list[tuple[Paid, str]]) -> list[tuple[Any, ...]]:
    agent = AGENTS[int(number) % len(AGENTS)]
    return [
        (f"{number}-{period}-{place}", number, paid.amount, at, period, agent, "")
        for place, (paid, at) in enumerate(money, 1)
    ]
