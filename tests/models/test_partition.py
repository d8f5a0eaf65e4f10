"""Several kinds of items in one query."""

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.bill import Bill
from chalicelib.models.partition import between
from tests.builders import Centre, MadeAccount
from tests.conftest import Trips


def items(account: MadeAccount, first: str, last: str, **how: bool) -> list[str]:
    return [found.item for found in between(AccountItem, account.number, first, last, **how)]


def test_a_stretch_of_a_partition_comes_in_either_order(centre: Centre) -> None:
    account = centre.account(bills=2)

    up = items(account, "account", "bill#2026-10")
    down = items(account, "account", "bill#2026-10", newest_first=True)

    assert up == ["account", "bill#2026-09", "bill#2026-10"]
    assert down == up[::-1]
    assert items(account, "x", "y") == []


def test_an_item_becomes_the_model_it_is(centre: Centre) -> None:
    account = centre.account(bills=1, to_pay=123)

    (found,) = between(AccountItem, account.number, "bill#", "bill#9")

    assert found.as_(Bill).to_pay == 123


def test_pages_are_asked_for_as_they_are_used(centre: Centre, trips: Trips) -> None:
    account = centre.account(bills=5)
    trips.clear()

    pages = between(AccountItem, account.number, "bill#", "bill#9", limit=2)
    next(pages)
    assert trips == ["Query"]

    assert len(list(pages)) == 4
    assert trips == ["Query"] * 3
