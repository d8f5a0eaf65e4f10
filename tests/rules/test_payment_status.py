"""The table of a payment's moves, one row at a time and in every order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.payment_status import (
    FINAL,
    MOVES,
    Ending,
    Kind,
    Movement,
    NotAllowed,
    Status,
    after_ending,
    after_movement,
    ordered,
)

T0 = datetime(2026, 11, 20, 9, tzinfo=UTC)
PAID = Movement("pay_1", Kind.PAYMENT, 1000, T0)


def at(minutes: int, name: str, kind: Kind, amount: int) -> Movement:
    return Movement(name, kind, amount, T0 + timedelta(minutes=minutes))


def walk(movements: list[Movement], status: Status = Status.PENDING) -> Status:
    booked: list[Movement] = []
    for movement in ordered(movements):
        status = after_movement(status, booked, movement)
        booked.append(movement)
    return status


@pytest.mark.parametrize(
    "status", [Status.CREATED, Status.PENDING, Status.FAILED, Status.CANCELLED]
)
def test_captured_money_pays_whatever_was_believed_before(status: Status) -> None:
    assert after_movement(status, [], PAID) is Status.PAID


@pytest.mark.parametrize(
    ("movements", "status"),
    [
        ([PAID, at(1, "re_1", Kind.REFUND, 400)], Status.PARTLY_REFUNDED),
        ([PAID, at(1, "re_1", Kind.REFUND, 1000)], Status.REFUNDED),
        (
            [PAID, at(1, "re_1", Kind.REFUND, 400), at(2, "re_2", Kind.REFUND, 600)],
            Status.REFUNDED,
        ),
        (
            [
                PAID,
                at(1, "re_1", Kind.REFUND, 1000),
                at(1, "re_1_undone", Kind.REFUND_REVERSAL, 1000),
            ],
            Status.PAID,
        ),
        ([PAID, at(1, "du_1", Kind.DISPUTE, 1000)], Status.DISPUTED),
        (
            [
                PAID,
                at(1, "du_1", Kind.DISPUTE, 1000),
                at(9, "du_1_back", Kind.DISPUTE_REVERSAL, 1000),
            ],
            Status.PAID,
        ),
        (
            [
                PAID,
                at(1, "re_1", Kind.REFUND, 400),
                at(2, "du_1", Kind.DISPUTE, 600),
                at(9, "du_1_back", Kind.DISPUTE_REVERSAL, 600),
            ],
            Status.PARTLY_REFUNDED,
        ),
    ],
)
def test_the_status_follows_from_the_movements_in_any_order_of_telling(
    movements: list[Movement], status: Status
) -> None:
    for told in permutations(movements):
        assert walk(list(told)) is status


def test_more_back_than_was_paid_is_not_allowed() -> None:
    with pytest.raises(NotAllowed):
        walk([PAID, at(1, "re_1", Kind.REFUND, 600), at(2, "re_2", Kind.REFUND, 600)])


def test_money_cannot_go_back_before_it_came() -> None:
    with pytest.raises(NotAllowed):
        after_movement(Status.PENDING, [], at(1, "re_1", Kind.REFUND, 1))


@pytest.mark.parametrize("ending", list(Ending))
@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_late_ending_changes_nothing_of_what_is_final(status: Status, ending: Ending) -> None:
    assert after_ending(status, ending) is None


def test_nothing_leads_back_to_an_open_state() -> None:
    for (source, what), targets in MOVES.items():
        if source in FINAL:
            assert targets <= FINAL
        if what is Kind.PAYMENT:
            assert targets == {Status.PAID}


def test_refunded_becomes_paid_only_by_a_refund_that_failed() -> None:
    ways = {what for (source, what) in MOVES if source is Status.REFUNDED}

    assert ways == {Kind.REFUND_REVERSAL}


@given(st.lists(st.integers(1, 400), max_size=8), st.data())
def test_any_history_that_fits_can_be_booked(refunds: list[int], data: st.DataObject) -> None:
    movements = [PAID]
    left = 1000
    for number, amount in enumerate(refunds):
        if amount > left:
            continue
        movements.append(at(number + 1, f"re_{number}", Kind.REFUND, amount))
        if data.draw(st.booleans()):
            movements.append(at(number + 1, f"re_{number}_undone", Kind.REFUND_REVERSAL, amount))
        else:
            left -= amount

    status = walk(data.draw(st.permutations(movements)))

    assert status is (
        Status.PAID if left == 1000 else Status.REFUNDED if left == 0 else Status.PARTLY_REFUNDED
    )
