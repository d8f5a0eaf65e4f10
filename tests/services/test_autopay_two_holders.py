"""Two holders whose automatic payments pay one account's bill on the same day: it is paid once."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.rules.autopay import WAITS
from chalicelib.services import autopay
from local.inbox import Inbox
from local.stripe.faults import Mode
from tests.autopay_stage import VISA, Json, Stage
from tests.builders import MadeAccount, Person
from tests.paying import Died, between_calls, dying

DECLINED_LATER = "4000000000000341"
"""Can be saved; every charge is softly declined."""
ASKS_ALWAYS = "4000002760003184"
DAY = date(2026, 12, 20)
MONTH = "2026-12"
BILL = 300_000
MODES: list[Mode] = ["before", "after", "timeout_before", "timeout_after"]

Pair = tuple[Person, Person, MadeAccount]
Both = Callable[..., Pair]


@pytest.fixture
def both(stage: Stage) -> Both:
    """`both(VISA, DECLINED_LATER)`: two holders, their cards saved on the same day."""

    def made(first_card: str = VISA, second_card: str = VISA, **first_terms: Any) -> Pair:
        first, account = stage.resident(to_pay=BILL, insurance=0)
        second = stage.person().holds(account)
        stage.saves_a_card(first, account, card=first_card, **first_terms)
        stage.saves_a_card(second, account, card=second_card)
        return first, second, account

    return made


def pays(who: Person, account: MadeAccount) -> None:
    autopay.charge_month(account.number, who.client_id, MONTH)


def tries_again(who: Person, account: MadeAccount) -> None:
    autopay.charge_again(account.number, who.client_id)


def taken(stage: Stage, *people: Person) -> list[int]:
    """Kopecks that the provider took, person by person."""
    return [sum(c["amount"] for c in stage.charges(each)) for each in people]


def last(stage: Stage, who: Person, account: MadeAccount) -> Json:
    found: Json = stage.see(who, account)["last_result"]
    return found


def days_pass(stage: Stage, *, first: int = 1, until: int) -> None:
    for after in range(first, until + 1):
        stage.morning((DAY + timedelta(days=after)).isoformat())
        stage.run_schedule("check_open_payments")
        stage.drain()


def test_the_bill_is_charged_once_and_the_other_finds_nothing_to_pay(
    stage: Stage, both: Both
) -> None:
    first, second, account = both()

    stage.morning(DAY.isoformat())

    assert sorted(taken(stage, first, second)) == [0, BILL]
    waiting = next(w for w in (first, second) if not stage.charges(w))
    found = last(stage, waiting, account)
    assert (found["status"], found["reason"]) == ("skipped", "nothing_to_pay")
    assert found["next_try_on"] == "2026-12-21"

    days_pass(stage, until=7)

    assert sorted(taken(stage, first, second)) == [0, BILL]
    found = last(stage, waiting, account)
    assert (found["reason"], found["next_try_on"]) == ("nothing_to_pay", None)
    assert account.stored().charging is None


def test_runs_that_come_twice_late_and_together_charge_the_bill_once(
    stage: Stage, both: Both
) -> None:
    first, second, _ = both()
    stage.at((DAY + timedelta(days=2)).isoformat())
    stage.done_until(DAY - timedelta(days=1))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: stage.run_schedule("start_autopayments"), range(2)))
    stage.drain()
    stage.run_schedule("start_autopayments")
    stage.drain()
    days_pass(stage, first=3, until=8)

    assert sorted(taken(stage, first, second)) == [0, BILL]


def test_workers_at_the_same_moment_charge_the_bill_once(stage: Stage, both: Both) -> None:
    first, second, account = both()
    stage.at(DAY.isoformat())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: pays((first, second)[n % 2], account), range(16)))
    stage.drain()
    days_pass(stage, until=3)

    assert sorted(taken(stage, first, second)) == [0, BILL]


def test_a_claim_between_the_look_and_the_claim_of_another_is_seen(
    stage: Stage, both: Both
) -> None:
    first, second, account = both()
    stage.at(DAY.isoformat())

    with between_calls(2, lambda: pays(second, account)):
        pays(first, account)
    stage.drain()

    assert taken(stage, first, second) == [0, BILL]
    assert last(stage, first, account)["next_try_on"] == "2026-12-21"


def test_money_that_comes_between_the_look_and_the_claim_is_not_charged_again(
    stage: Stage, both: Both
) -> None:
    first, _, account = both()
    stage.at(DAY.isoformat())

    def by_hand() -> None:
        made = stage.api.post(
            "/v1/payments",
            json={
                "items": [{"account_number": account.number, "amount": 100_000}],
                "return_url": stage.back,
            },
            headers=first.headers | {"Idempotency-Key": "by-hand"},
        ).json()
        assert stage.stripe_side.pay(made["checkout_url"], VISA) == "paid"
        stage.drain()

    with between_calls(2, by_hand):
        pays(first, account)
    stage.drain()

    assert [c["amount"] for c in stage.charges(first)] == [100_000, BILL - 100_000]


@pytest.mark.parametrize("expired", [False, True])
def test_when_the_first_is_refused_the_second_pays_and_the_first_does_not_try_again(
    stage: Stage, both: Both, expired: bool
) -> None:
    first, second, account = both(DECLINED_LATER)
    stage.at(DAY.isoformat())
    pays(first, account)
    pays(second, account)
    stage.drain()
    assert taken(stage, first, second) == [0, 0]

    if expired:
        assert stage.cancel(first, account).status_code == 200
    days_pass(stage, until=7)

    assert taken(stage, first, second) == [0, BILL]
    assert account.stored().charging is None
    if not expired:
        found = last(stage, first, account)
        assert found["status"] in ("skipped", "failed")
        assert found["next_try_on"] is None


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("call", [1, 2])
def test_a_worker_that_dies_around_its_claim_leaves_the_bill_to_be_paid_once(
    stage: Stage, both: Both, call: int, moment: str
) -> None:
    first, second, account = both()
    stage.at(DAY.isoformat())

    with dying(moment, call), suppress(Died):
        pays(first, account)
    pays(second, account)
    pays(first, account)
    stage.drain()
    stage.travel.forward(minutes=10)
    stage.run_schedule("check_open_payments")
    stage.drain()
    days_pass(stage, until=3)

    assert sorted(taken(stage, first, second)) == [0, BILL]
    assert account.stored().charging is None


@pytest.mark.parametrize("charged", [True, False])
def test_an_unknown_outcome_is_waited_for(stage: Stage, both: Both, charged: bool) -> None:
    first, second, account = both()
    stage.at(DAY.isoformat())
    stage.stripe_side.drop_webhooks(100)
    mode: Mode = "after" if charged else "before"
    stage.stripe_side.fail_next("/v1/payment_intents", "POST", mode, times=3)
    pays(first, account)
    stage.stripe_side.clear_faults()
    stage.drain()
    stage.stripe_side.drop_webhooks(0)

    pays(second, account)
    stage.drain()
    assert stage.charges(second) == []
    days_pass(stage, until=7)

    assert sum(taken(stage, first, second)) == BILL


def test_who_waited_long_enough_is_skipped(stage: Stage, both: Both) -> None:
    first, second, account = both()
    stage.at(DAY.isoformat())
    with dying("after-call", 2), suppress(Died):
        pays(first, account)  # claimed, and nobody looks after it
    pays(second, account)
    planned = []

    for after in range(1, WAITS + 3):
        planned.append(last(stage, second, account)["next_try_on"])
        stage.morning((DAY + timedelta(days=after)).isoformat())

    assert planned == [
        *((DAY + timedelta(days=after)).isoformat() for after in range(1, WAITS + 1)),
        None,
        None,
    ]
    assert taken(stage, first, second) == [0, 0]
    found = last(stage, second, account)
    assert (found["status"], found["reason"]) == ("skipped", "nothing_to_pay")


def test_cancelling_while_it_waits_ends_it(stage: Stage, both: Both) -> None:
    first, second, account = both(DECLINED_LATER)
    stage.at(DAY.isoformat())
    pays(first, account)
    pays(second, account)
    stage.drain()

    assert stage.cancel(second, account).status_code == 200
    days_pass(stage, until=7)

    assert taken(stage, first, second) == [0, 0]
    assert last(stage, second, account)["status"] == "skipped"


@pytest.mark.parametrize("paid", [True, False])
def test_a_link_to_confirm_is_waited_for_as_long_as_it_lives(
    stage: Stage, both: Both, inbox: Inbox, paid: bool
) -> None:
    first, second, account = both(ASKS_ALWAYS)
    stage.at(DAY.isoformat())
    pays(first, account)
    stage.drain()
    pays(second, account)
    stage.drain()
    assert stage.charges(second) == []

    if paid:
        text = inbox.sms(first.phone)[0].text
        link = next(word.rstrip(".") for word in text.split() if word.startswith("http"))
        assert stage.stripe_side.pay(link, ASKS_ALWAYS) == "paid"
        stage.drain()
    stage.stripe_side.tick()
    days_pass(stage, until=3)

    assert taken(stage, first, second) == ([BILL, 0] if paid else [0, BILL])


@pytest.mark.parametrize("fixed_first", [True, False])
def test_a_fixed_sum_is_charged_as_agreed_and_the_bill_less_what_is_charged_before(
    stage: Stage, both: Both, fixed_first: bool
) -> None:
    fixed, bill, account = both(amount=100_000)
    stage.at(DAY.isoformat())

    for who in (fixed, bill) if fixed_first else (bill, fixed):
        pays(who, account)
    stage.drain()
    days_pass(stage, until=2)

    assert taken(stage, fixed, bill) == [100_000, BILL - 100_000 if fixed_first else BILL]


def test_two_fixed_sums_are_both_charged(stage: Stage) -> None:
    first, account = stage.resident(to_pay=BILL, insurance=0)
    second = stage.person().holds(account)
    for who in (first, second):
        stage.saves_a_card(who, account, amount=BILL)

    stage.morning(DAY.isoformat())

    assert taken(stage, first, second) == [BILL, BILL]


@pytest.mark.parametrize(
    "seed", [0, 1, 2, *(pytest.param(s, marks=pytest.mark.slow) for s in range(3, 20))]
)
def test_whatever_happens_the_bill_is_charged_once(stage: Stage, both: Both, seed: int) -> None:
    chance = random.Random(seed)
    cards = [VISA, chance.choice([VISA, DECLINED_LATER, ASKS_ALWAYS])]
    chance.shuffle(cards)
    first, second, account = both(*cards)

    for after in range(9):
        stage.at((DAY + timedelta(days=after)).isoformat())
        stage.done_until(DAY + timedelta(days=after - 1))
        if chance.random() < 0.3:
            stage.stripe_side.drop_webhooks(chance.randint(1, 20))
        if chance.random() < 0.3:
            stage.stripe_side.fail_next(
                "/v1/payment_intents", "POST", chance.choice(MODES), times=3
            )
        for _ in range(chance.randint(1, 4)):
            act = chance.choice([pays, tries_again])
            with (
                dying(chance.choice(["before-call", "after-call"]), chance.randint(1, 4)),
                suppress(Died),
            ):
                act(chance.choice([first, second]), account)
            if chance.random() < 0.4:
                stage.drain()
        stage.run_schedule("start_autopayments")
        stage.drain()
        if chance.random() < 0.6:
            stage.travel.forward(minutes=20)
            stage.run_schedule("check_open_payments")
            stage.drain()
        assert sum(taken(stage, first, second)) in (0, BILL)

    stage.stripe_side.clear_faults()
    stage.stripe_side.drop_webhooks(0)
    for _ in range(4):
        stage.travel.forward(hours=26)
        stage.stripe_side.tick()
        stage.drain()
        stage.run_schedule("check_open_payments")
        stage.drain()

    assert sum(taken(stage, first, second)) == BILL
    assert account.stored().charging is None


def test_an_account_that_the_billing_has_not_told_of_is_not_charged(stage: Stage) -> None:
    resident, account = stage.resident(to_pay=BILL)
    stage.saves_a_card(resident, account, amount=100_000)
    account.stored().delete()

    stage.morning(DAY.isoformat())

    assert stage.charges(resident) == []
    assert last(stage, resident, account)["reason"] == "nothing_to_pay"
