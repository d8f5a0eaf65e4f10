"""Sliding windows and budgets against the local engine and a simple model."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.limits import AtMost, Budget, Limit, Ring

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SENDS = Ring(
    "s",
    AtMost(1, timedelta(seconds=45)),
    AtMost(3, timedelta(hours=1)),
    AtMost(5, timedelta(days=1)),
)


def fresh() -> Limit:
    return Limit(f"test#{uuid.uuid4().hex}")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=25))
def test_a_ring_grants_exactly_what_a_list_of_all_uses_would(gaps: list[int]) -> None:
    item, at, granted = fresh(), NOON, list[datetime]()
    for gap in gaps:
        at += timedelta(seconds=gap)
        expected = all(
            sum(use > at - limit.within for use in granted) < limit.count for limit in SENDS.limits
        )

        try:
            SENDS.take(item, at)
        except Refusal as refusal:
            wait = SENDS.wait_seconds(refusal.item("ring"), at)

            assert not expected
            assert wait > 0
            later = at + timedelta(seconds=wait)
            assert all(
                sum(use > later - limit.within for use in granted) < limit.count
                for limit in SENDS.limits
            )
        else:
            assert expected
            granted.append(at)


def test_many_at_once_get_no_more_than_the_limit() -> None:
    ring, item = Ring("g", AtMost(5, timedelta(hours=1))), fresh()

    def one(_: int) -> bool:
        try:
            ring.take(item, NOON)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        granted = sum(pool.map(one, range(200)))

    assert granted == 5


def test_a_use_taken_back_makes_room_for_one_more() -> None:
    ring, item = Ring("g", AtMost(1, timedelta(hours=1))), fresh()
    ring.take(item, NOON)

    item.update(ring.pop())

    ring.take(item, NOON)


def test_a_ring_works_inside_a_transaction_and_tells_when_to_come_again() -> None:
    item = fresh()

    def send() -> None:
        t = Transaction()
        t.update("send", item, SENDS.push(NOON), SENDS.room(NOON))
        t.commit()

    send()
    with pytest.raises(Refusal) as refused:
        send()

    assert SENDS.wait_seconds(refused.value.item("send"), NOON) == 45


def test_a_budget_is_never_exceeded_and_opens_with_the_next_hour() -> None:
    budget = Budget(uuid.uuid4().hex, per_hour=3)

    def take(at: datetime) -> None:
        t = Transaction()
        budget.take_in(t, "budget", at)
        t.commit()

    for _ in range(3):
        take(NOON)
    with pytest.raises(Refusal) as refused:
        take(NOON)

    assert refused.value.labels == {"budget"}
    take(NOON + timedelta(seconds=Budget.wait_seconds(NOON)))


def test_a_look_at_a_budget_tells_what_a_use_would_be_told() -> None:
    budget = Budget(uuid.uuid4().hex, per_hour=2)
    counter = budget.counter(NOON)

    seen = []
    for _ in range(3):
        (found,) = batch_get([(Limit, counter, None)])
        assert found is None or isinstance(found, Limit)
        t = Transaction()
        budget.take_in(t, "budget", NOON, counter)
        try:
            t.commit()
        except Refusal:
            seen.append((budget.has_room(found), False))
        else:
            seen.append((budget.has_room(found), True))

    assert seen == [(True, True), (True, True), (False, False)]
