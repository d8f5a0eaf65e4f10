"""Splitting a payment: to the kopeck, whatever the parts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules import payment_amounts as amounts
from chalicelib.rules.balance import Balance, BillFacts, balance
from chalicelib.rules.payment_amounts import Part

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=100)


@given(weights, st.data())
def test_parts_sum_to_the_amount_and_none_exceeds_its_weight(
    given_weights: list[int], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(0, sum(given_weights)))

    parts = amounts.split(amount, given_weights)

    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, given_weights, strict=True))


@given(weights)
def test_more_than_all_parts_is_refused(given_weights: list[int]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        amounts.split(sum(given_weights) + 1, given_weights)


@given(
    st.lists(
        st.integers(1, 10**7).flatmap(lambda a: st.tuples(st.just(a), st.integers(0, a))),
        min_size=1,
        max_size=20,
    ),
    st.lists(st.floats(0, 1), max_size=6),
)
def test_partial_refunds_never_take_back_more_than_was_paid(
    paid: list[tuple[int, int]], shares: list[float]
) -> None:
    left = [Part(*each) for each in paid]
    for share in [*shares, 1.0]:
        total = sum(part.amount for part in left)

        left = amounts.minus(left, amounts.taken_back(int(total * share), left))

        assert all(0 <= part.insurance <= part.amount for part in left)

    assert all(part == Part(0, 0) for part in left)


def _balance(to_pay: int, insurance: int) -> Balance:
    return balance(
        BillFacts("2026-10", to_pay, insurance, as_of=datetime(2026, 11, 1, tzinfo=UTC)), {}
    )


@pytest.mark.parametrize(
    ("amount", "with_insurance", "insurance"),
    [
        (383_719, True, 6_780),  # all of it
        (383_718, True, 0),  # a kopeck short insures nobody
        (400_000, True, 6_780),  # ahead
        (383_719, False, 0),  # not asked for: never charged
    ],
)
def test_insurance_is_paid_whole_and_only_when_chosen(
    amount: int, with_insurance: bool, insurance: int
) -> None:
    part = amounts.own_part(_balance(383_719, 6_780), amount, with_insurance=with_insurance)

    assert part == Part(amount, insurance)


@pytest.mark.parametrize(
    ("with_insurance", "part"), [(True, Part(383_719, 6_780)), (False, Part(376_939, 0))]
)
def test_the_servers_amount_is_all_that_is_due(with_insurance: bool, part: Part) -> None:
    assert amounts.whole_part(_balance(383_719, 6_780), with_insurance=with_insurance) == part
