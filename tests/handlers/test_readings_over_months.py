"""A year of random submitting and undoing against a plain model: what stands, and what leaves."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from chalicelib.models.reading import Reading, newest_readings, undone_item
from tests.builders import Centre, Person
from tests.conftest import Travel
from tests.handlers.test_readings import submit

START = datetime(2026, 11, 16, 9, tzinfo=UTC)
FIRST = Decimal("100.000")


class Model:
    """What stands per month, and what each day's file must hold."""

    def __init__(self) -> None:
        self.standing: dict[str, tuple[str, Decimal, date]] = {}
        self.leaving: set[tuple[date, str, str]] = set()

    def previous(self, period: str) -> Decimal:
        return max(
            ((p, value) for p, (_, value, _) in self.standing.items() if p < period),
            default=("", FIRST),
        )[1]

    def takes(self, period: str, value: Decimal) -> bool:
        return Decimal(0) <= value - self.previous(period) <= 1000

    def take(self, period: str, reading_id: str, value: Decimal, day: date) -> None:
        old = self.standing.get(period)
        if old and old[2] == day:
            self.leaving.discard((day, old[0], "accepted"))
        self.standing[period] = (reading_id, value, day)
        self.leaving.add((day, reading_id, "accepted"))

    def undo(self, period: str, today: date) -> None:
        reading_id, _, day = self.standing.pop(period)
        if day == today:
            self.leaving.discard((day, reading_id, "accepted"))
        else:
            self.leaving.add((today, reading_id, "withdrawn"))


@pytest.mark.parametrize("seed", range(6))
def test_what_stands_and_what_leaves_is_as_in_the_model(
    api: httpx.Client, centre: Centre, person: Callable[..., Person], travel: Travel, seed: int
) -> None:
    chance = random.Random(seed)
    billed = {"values": {"T1": str(FIRST)}, "on": "2026-10-20"}
    account = centre.account(meters=[{"last_billed": billed}], window=(15, 26))
    (meter,) = account.meters
    family = [person().holds(account) for _ in range(2)]
    model, at = Model(), travel.to(START)

    for step in range(40):
        at = travel.forward(hours=chance.choice((1, 20, 24 * 28)), minutes=step)
        day = (at + timedelta(hours=3)).date()
        period, is_open = f"{day:%Y-%m}", 15 <= day.day <= 26
        who = chance.choice(family)
        if period in model.standing and chance.random() < 0.3:
            path = f"/v1/accounts/{account}/readings/{model.standing[period][0]}"
            assert api.delete(path, headers=who.headers).status_code == (204 if is_open else 409)
            if is_open:
                model.undo(period, day)
            continue
        value = model.previous(period) + Decimal(chance.randint(-5_000, 30_000)) / 1000
        answer = submit(
            api, who, account, (meter, {"T1": str(value)}), confirm_high_consumption=True
        )
        taken = is_open and model.takes(period, value)
        assert answer.status_code == (201 if taken else 422), answer.text
        if taken:
            (item,) = answer.json()["items"]
            assert Decimal(item["consumption"]["T1"]) == value - model.previous(period)
            model.take(period, item["id"], value, day)

    stored = list(newest_readings(account.number))
    accepted = {
        r.period: (r.reading_id, Decimal(r.values["T1"])) for r in stored if r.state == "accepted"
    }
    assert accepted == {p: (i, v) for p, (i, v, _) in model.standing.items()}
    assert leaving(stored) == model.leaving
    values = [value for _, (_, value) in sorted(accepted.items())]
    assert values == sorted(values)


def leaving(stored: list[Reading]) -> set[tuple[date, str, str]]:
    found = set()
    for reading in stored:
        if reading.export:
            found.add((date.fromisoformat(reading.export[9:19]), reading.reading_id, "accepted"))
        if reading.state == "withdrawn":
            try:
                notice = Reading.get(reading.account_number, undone_item(reading.reading_id))
            except Reading.DoesNotExist:
                continue
            found.add((date.fromisoformat(notice.export[9:19]), reading.reading_id, "withdrawn"))
    return found
