"""The balance: tables of cases, and what holds for every bill and every order of payments."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.balance import BillFacts, Movement, balance

BILL = BillFacts(
    period="2026-10", to_pay=383_719, insurance=6_780, charged=383_719, debt_at_start=0, paid=0
)

amounts = st.integers(-10_000_000, 10_000_000)
bills = st.builds(
    lambda rest, insurance: BillFacts("2026-10", rest + insurance, insurance),
    rest=amounts,
    insurance=st.integers(0, 100_000),
)
movements = st.dictionaries(
    st.text(min_size=1, max_size=4),
    st.builds(
        Movement,
        amount=amounts,
        period=st.sampled_from([None, "2026-09", "2026-10", "2026-11"]),
        insurance=st.integers(0, 100_000),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("paid", "insurance", "to_pay", "without", "advance"),
    [
        (0, 0, 383_719, 376_939, 0),
        (383_719, 6_780, 0, 0, 0),
        (376_939, 0, 0, 0, 0),
        (100_000, 0, 283_719, 276_939, 0),
        (106_780, 6_780, 276_939, 276_939, 0),
        (400_000, 6_780, 0, 0, 16_281),
        (400_000, 0, 0, 0, 23_061),
    ],
)
def test_a_payment_lowers_what_is_to_pay(
    paid: int, insurance: int, to_pay: int, without: int, advance: int
) -> None:
    now = balance(BILL, {"pay_1": Movement(paid, insurance=insurance)} if paid else {})

    assert (now.to_pay, now.to_pay_without_insurance, now.advance) == (to_pay, without, advance)
    assert now.paid == paid


def test_two_of_a_family_who_both_pay_all_have_an_advance_of_one_bill() -> None:
    twice = {key: Movement(383_719, insurance=6_780) for key in ("pay_1", "pay_2")}

    now = balance(BILL, twice)

    assert (now.to_pay, now.advance) == (0, 383_719)


def test_a_refund_brings_the_debt_back() -> None:
    paid = {"pay_1": Movement(383_719, insurance=6_780)}

    now = balance(BILL, {**paid, "re_1": Movement(-383_719, insurance=-6_780)})

    assert (now.to_pay, now.to_pay_without_insurance) == (383_719, 376_939)


def test_what_the_bill_counts_already_is_not_deducted_twice() -> None:
    counted = BillFacts("2026-10", to_pay=100, paid=900)

    for period in ("2026-10", "2026-09"):
        now = balance(counted, {"pay_1": Movement(900, period=period)})
        assert (now.to_pay, now.paid) == (100, 900)
    later = balance(counted, {"pay_1": Movement(900, period="2026-11")})
    assert (later.to_pay, later.advance) == (0, 800)


def test_without_a_bill_a_payment_is_an_advance() -> None:
    now = balance(BillFacts(None, 0), {"pay_1": Movement(500)})

    assert (now.to_pay, now.advance) == (0, 500)


@given(bills, movements)
def test_nothing_shown_to_pay_is_ever_negative(
    bill: BillFacts, beside: dict[str, Movement]
) -> None:
    now = balance(bill, beside)

    assert now.to_pay >= now.to_pay_without_insurance >= 0
    assert now.advance >= 0
    assert not (now.to_pay and now.advance)


@given(bills, movements, st.randoms())
def test_order_and_repetition_change_nothing(
    bill: BillFacts, beside: dict[str, Movement], shuffle: random.Random
) -> None:
    applied = list(beside.items()) * 2
    shuffle.shuffle(applied)

    assert balance(bill, dict(applied)) == balance(bill, beside)


@given(bills, movements, st.booleans())
def test_paying_what_is_due_leaves_nothing_due(
    bill: BillFacts, beside: dict[str, Movement], with_insurance: bool
) -> None:
    before = balance(bill, beside)
    amount = before.due(with_insurance=with_insurance)
    insurance = amount - before.to_pay_without_insurance if with_insurance else 0

    after = balance(bill, {**beside, "this payment": Movement(amount, insurance=insurance)})

    if amount:
        assert after.to_pay == after.to_pay_without_insurance == 0
        assert after.advance == 0
        assert after.paid == before.paid + amount


@given(bills, movements, st.integers(1, 1_000_000))
def test_paying_more_never_raises_what_is_due(
    bill: BillFacts, beside: dict[str, Movement], amount: int
) -> None:
    before = balance(bill, beside)

    after = balance(bill, {**beside, "this payment": Movement(amount)})

    assert after.to_pay <= before.to_pay
    assert after.to_pay_without_insurance <= before.to_pay_without_insurance
