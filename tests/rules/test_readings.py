"""Rules of readings against the meaning of decimals: fractions counted in the dial's smallest unit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Code
from chalicelib.rules.consumption import mean_of
from chalicelib.rules.periods import shifted
from chalicelib.rules.readings import Dial, Point, Verdict, judge
from chalicelib.rules.windows import Window

TODAY = date(2026, 11, 20)
WINDOW = Window(date(2026, 11, 15), date(2026, 11, 26), open=True, period="2026-11")


def submitted(period: str, **values: str) -> Point:
    return Point(
        date.fromisoformat(f"{period}-20"), period, {z: Decimal(v) for z, v in values.items()}
    )


def billed(on: str, **values: str) -> Point:
    return Point(
        date.fromisoformat(on), on[:7], {z: Decimal(v) for z, v in values.items()}, billed=True
    )


def dial(
    *points: Point, zones: tuple[str, ...] = ("T1",), integer: int = 5, fraction: int = 3
) -> Dial:
    return Dial(zones, integer, fraction, points=points)


def judged(meter: Dial, confirmed: bool = False, **typed: str | None) -> Verdict:
    return judge(meter, typed, WINDOW, TODAY, confirmed=confirmed)


def codes(verdict: Verdict) -> list[tuple[str | None, Code]]:
    return [(problem.zone, problem.code) for problem in verdict.problems]


def units(count: int, fraction: int) -> str:
    """`count` of the dial's smallest unit, written with integer arithmetic only."""
    text = f"{count:0{fraction + 1}d}"
    return f"{text[:-fraction]}.{text[-fraction:]}" if fraction else text


@given(
    st.integers(0, 3).flatmap(
        lambda fraction: st.tuples(
            st.just(fraction),
            st.integers(0, 10 ** (5 + fraction) - 1),
            st.integers(0, 10 ** (6 + fraction)),
        )
    )
)
def test_a_value_is_judged_exactly(case: tuple[int, int, int]) -> None:
    fraction, before, now = case
    meter = dial(billed("2026-10-20", T1=units(before, fraction)), fraction=fraction)

    verdict = judged(meter, T1=units(now, fraction))

    if now >= 10 ** (5 + fraction):
        assert codes(verdict) == [("T1", Code.EXCEEDS_CAPACITY)]
    elif now == 0:
        assert codes(verdict) == [("T1", Code.READING_ZERO)]
    elif now < before:
        assert codes(verdict) == [("T1", Code.READING_BELOW_PREVIOUS)]
    elif now - before > 1000 * 10**fraction:
        assert codes(verdict) == [("T1", Code.CONSUMPTION_TOO_HIGH)]
    else:
        assert verdict.problems == ()
        assert verdict.values == {"T1": units(now, fraction)}
        assert verdict.consumption == {"T1": units(now - before, fraction)}


@given(st.text(st.sampled_from("0123456789-+,. eE٣\u00a0"), max_size=12))
def test_nothing_but_a_plain_number_is_a_number(typed: str) -> None:
    verdict = judged(dial(integer=12), T1=typed)

    plain = typed.removeprefix("-").replace(",", ".").split(".")
    digits = all(part and set(part) <= set("0123456789") for part in plain)
    if not typed.strip():
        assert codes(verdict) == [("T1", Code.READING_MISSING)]
    elif not digits or len(plain) > 2:
        assert codes(verdict) == [("T1", Code.READING_NOT_A_NUMBER)]
    else:
        assert Code.READING_NOT_A_NUMBER not in [code for _, code in codes(verdict)]


@given(st.text(max_size=40))
def test_any_text_is_judged_without_failing(typed: str) -> None:
    verdict = judged(dial(billed("2026-10-20", T1="1")), T1=typed)

    assert verdict.problems or Decimal(verdict.values["T1"]) >= 1


@given(
    st.lists(st.integers(0, 400_000), min_size=1, max_size=12),
    st.integers(0, 1_000_000),
    st.booleans(),
)
def test_high_is_over_three_means_of_six_months(
    uses: list[int], used: int, confirmed: bool
) -> None:
    value, points = 1, []
    for age, use in zip(range(len(uses) - 1, -1, -1), uses, strict=True):
        value += use
        points.append(submitted(shifted("2026-10", -age), T1=units(value, 3)))
    meter = dial(*points, integer=7)

    verdict = judged(meter, confirmed, T1=units(value + used, 3))

    counted = uses[1:][-6:]
    high = bool(counted) and used * len(counted) > 3 * sum(counted)
    if high and not confirmed:
        assert codes(verdict) == [("T1", Code.CONSUMPTION_NEEDS_CONFIRMATION)]
    else:
        assert verdict.problems == ()
        assert verdict.warnings == (("high_consumption",) if high else ())


def test_zero_is_good_only_as_the_first() -> None:
    assert judged(dial(), T1="0").consumption == {"T1": None}
    assert judged(dial(), T1="0,000").values == {"T1": "0.000"}
    assert judged(dial(), T1="-0").values == {"T1": "0.000"}
    assert codes(judged(dial(billed("2026-10-20", T1="0")), T1="0")) == [("T1", Code.READING_ZERO)]


def test_every_zone_of_a_sent_meter_is_needed_and_no_other_is_known() -> None:
    meter = dial(billed("2026-10-20", T1="5", T2="6"), zones=("T1", "T2"))

    assert codes(judged(meter, T1="7")) == [("T2", Code.READING_MISSING)]
    assert codes(judged(meter, T1="4", T2="5", T3="1")) == [
        ("T3", Code.ZONE_UNKNOWN),
        ("T1", Code.READING_BELOW_PREVIOUS),
        ("T2", Code.READING_BELOW_PREVIOUS),
    ]
    assert judged(meter, T1="7", T2="6.5").consumption == {"T1": "2.000", "T2": "0.500"}


@pytest.mark.parametrize(
    ("points", "previous"),
    [
        ([], None),
        ([billed("2026-10-13", T1="108.006"), submitted("2026-10", T1="120")], "120"),
        ([submitted("2026-10", T1="500"), billed("2026-10-20", T1="150")], "150"),
        ([submitted("2026-09", T1="90"), submitted("2026-11", T1="120")], "90"),
        ([billed("2026-11-16", T1="110")], "110"),
        ([submitted("2026-11", T1="120"), billed("2026-11-20", T1="120")], None),
        ([submitted("2026-11", T1="120"), billed("2026-11-16", T1="110")], "110"),
    ],
)
def test_previous_is_the_last_value_of_an_earlier_period(
    points: list[Point], previous: str | None
) -> None:
    found = dial(*points).previous(WINDOW)

    assert found == ({"T1": Decimal(previous)} if previous else {})


@pytest.mark.parametrize(
    ("days", "code"), [(-1, Code.VERIFICATION_EXPIRED), (0, None), (60, None), (61, None)]
)
def test_the_last_day_of_the_verification_is_still_good(days: int, code: Code | None) -> None:
    meter = Dial(("T1",), 5, 3, verification_due=TODAY + timedelta(days=days))

    verdict = judged(meter, T1="5")

    assert codes(verdict) == ([(None, code)] if code else [])
    assert verdict.warnings == (("verification_soon",) if 0 <= days <= 60 else ())


def test_a_faulty_meter_is_barred_as_a_whole() -> None:
    assert codes(judged(Dial(("T1", "T2"), 5, 3, faulty=True), T1="x")) == [
        (None, Code.METER_FAULTY)
    ]


@pytest.mark.parametrize(
    ("values", "used", "months"),
    [
        ({}, None, 0),
        ({"2026-10": "5"}, None, 0),
        ({"2026-10": "5", "2026-09": "3"}, "2", 1),
        ({"2026-10": "9", "2026-04": "3", "2026-03": "1"}, "6", 6),
        ({"2026-10": "9", "2025-10": "3", "2025-03": "1"}, "6", 12),
        ({"2026-10": "3", "2026-09": "9"}, None, 0),
    ],
)
def test_the_mean_takes_the_history_there_is(
    values: dict[str, str], used: str | None, months: int
) -> None:
    mean = mean_of({period: Decimal(value) for period, value in values.items()})

    assert (mean and (mean.used, mean.months)) == (used and (Decimal(used), months))
