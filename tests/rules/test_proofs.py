"""What proves an account and what does not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.proofs import ProvingBill, amount_proves, charge_proves

TODAY = date(2026, 11, 20)
BILL = ProvingBill("2026-10", to_pay=383_719, to_pay_without_insurance=376_939, charged=390_499)

kopecks = st.integers(-100_000, 1_000_000)


@pytest.mark.parametrize(
    ("amount", "proves"),
    [(383_719, True), (376_939, True), (383_718, False), (383_720, False), (390_499, False)],
)
def test_the_amount_to_pay_proves_to_the_kopeck_with_or_without_insurance(
    amount: int, proves: bool
) -> None:
    assert amount_proves(BILL, amount, TODAY) is proves


def test_the_amount_charged_answers_the_question_and_nothing_else_does() -> None:
    assert charge_proves(BILL, 390_499, TODAY)
    assert not charge_proves(BILL, 383_719, TODAY)


@pytest.mark.parametrize(
    ("period", "proves"),
    [
        ("2026-12", False),
        ("2026-11", False),
        ("2026-10", True),
        ("2026-08", True),
        ("2026-07", False),
    ],
)
def test_only_the_last_three_closed_months_prove(period: str, proves: bool) -> None:
    bill = ProvingBill(period, 383_719, 376_939, 390_499)

    assert amount_proves(bill, 383_719, TODAY) is proves
    assert charge_proves(bill, 390_499, TODAY) is proves


@given(kopecks, st.integers(0, 10_000), kopecks)
def test_zero_an_advance_and_insurance_alone_never_prove(
    rest: int, insurance: int, amount: int
) -> None:
    bill = ProvingBill("2026-10", rest + insurance, rest, rest + insurance)

    if amount <= 0 or rest <= 0:
        assert not amount_proves(bill, amount, TODAY)
        assert not charge_proves(bill, amount, TODAY)
    assert not amount_proves(None, amount, TODAY)
    assert not charge_proves(None, amount, TODAY)
