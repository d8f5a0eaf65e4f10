"""Random histories of automatic payments, judged by what the provider holds."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from chalicelib import clock
from chalicelib.models.holder import Holder, holder_item
from chalicelib.models.mandate import Occurrence, newest_occurrence, occurrence_item
from chalicelib.models.payment import Payment
from chalicelib.rules.periods import period_of
from chalicelib.services import autopay
from tests.autopay_stage import VISA, Stage
from tests.paying import Died, dying

DECLINED_LATER = "4000000000000341"
ASKS_ALWAYS = "4000002760003184"
DAY = 7
ROUNDS = 3


def test_workers_at_the_same_moment_charge_once(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, amount=10_000)
    stage.at("2026-12-20")

    def charge(_: int) -> None:
        autopay.charge_month(account.number, resident.client_id, "2026-12")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(charge, range(16)))
    stage.drain()

    assert len(stage.charges(resident)) == 1


def test_a_worker_and_a_cancellation_at_the_same_moment_agree(stage: Stage) -> None:
    for _ in range(4):
        resident, account = stage.resident()
        stage.travel.to(datetime(2026, 11, 20, 9, tzinfo=UTC))
        stage.saves_a_card(resident, account, amount=10_000)
        stage.at("2026-12-20")

        with ThreadPoolExecutor(2) as pool:
            charging = pool.submit(
                autopay.charge_month, account.number, resident.client_id, "2026-12"
            )
            cancelling = pool.submit(stage.cancel, resident, account)
            charging.result()
            assert cancelling.result().status_code == 200
        stage.drain()

        claimed = newest_occurrence(account.number, resident.client_id) is not None
        assert len(stage.charges(resident)) == claimed
        assert stage.see(resident, account)["status"] == "cancelled"


def test_histories_end_with_one_charge_per_month_at_most_and_none_unexplained(
    stage: Stage,
) -> None:
    class Here(History):
        parties = stage

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=6,
            stateful_step_count=16,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


class History(RuleBasedStateMachine):
    """One resident, one account, some months; every rule may happen at any time."""

    parties: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        stage = self.stage = self.parties
        self.cancelled_in: set[str] = set()
        self.due_months: set[str] = set()
        stage.travel.to(datetime(2029, 5, DAY, 9, tzinfo=UTC))
        stage.stripe_side.resume_webhooks()
        stage.stripe_side.drop_webhooks(0)
        stage.stripe_side.clear_faults()
        self.who, self.account = stage.resident(to_pay=200_000, insurance=0)
        stage.saves_a_card(self.who, self.account, amount=10_000)
        self.month_begins(date(2029, 6, DAY))

    # --- time

    def month_begins(self, day: date) -> None:
        """Go on to another month; the days between are other tests', whose mandates rest."""
        self.stage.at(day.isoformat())
        self.stage.done_until(day - timedelta(days=1))

    @rule(days=st.sampled_from([1, 1, 2, 3]))
    def days_pass(self, days: int) -> None:
        day = clock.today() + timedelta(days=days)
        if day.day > 14:
            day = date(day.year + day.month // 12, day.month % 12 + 1, DAY - 1)
            self.month_begins(day)
        else:
            self.stage.at(day.isoformat())

    @rule(times=st.integers(1, 2))
    def the_cron_runs(self, times: int) -> None:
        standing = self.stage.see(self.who, self.account)
        month = period_of(clock.today())
        for _ in range(times):
            self.stage.run_schedule("start_autopayments")
        self.stage.drain()
        due = standing["status"] == "active" and clock.today().day >= standing["day"]
        if (due and standing["next_charge_on"][:7] == month) or self.occurred(month):
            self.due_months.add(month)

    # --- things go wrong

    @rule(call=st.integers(1, 4), moment=st.sampled_from(["before-call", "after-call"]))
    def a_worker_dies(self, call: int, moment: str) -> None:
        with dying(moment, call), suppress(Died):
            autopay.charge_month(self.account.number, self.who.client_id, period_of(clock.today()))
        with dying(moment, call), suppress(Died):
            autopay.charge_again(self.account.number, self.who.client_id)

    @rule()
    def webhooks_get_lost(self) -> None:
        self.stage.stripe_side.drop_webhooks(50)

    @rule(heard=st.booleans())
    def the_provider_answers_too_late(self, heard: bool) -> None:
        """It charges, says 500, and keeps saying so under that key."""
        self.stage.stripe_side.fail_next("/v1/payment_intents", "POST", "after", times=1)
        if not heard:
            self.webhooks_get_lost()
        self.the_cron_runs(1)

    @rule()
    def someone_looks_again(self) -> None:
        self.stage.travel.forward(minutes=20)
        self.stage.run_schedule("check_open_payments")
        self.stage.drain()

    # --- people change their minds

    @rule(card=st.sampled_from([VISA, DECLINED_LATER, ASKS_ALWAYS]))
    def another_card(self, card: str) -> None:
        if self.stage.see(self.who, self.account)["status"] == "active":
            self.cancel()
        self.heal()
        self.stage.saves_a_card(self.who, self.account, card=card, amount=10_000)

    @rule()
    def cancel(self) -> None:
        assert self.stage.cancel(self.who, self.account).status_code == 200
        self.cancelled_in.add(period_of(clock.today()))

    @rule(bill=st.booleans())
    def other_terms(self, bill: bool) -> None:
        ask = {"amount": None, "up_to": 500_000} if bill else {"amount": 20_000}
        if self.stage.see(self.who, self.account)["status"] == "active":
            assert self.stage.put(self.who, self.account, **ask).status_code == 200

    @rule(verified=st.booleans())
    def the_right_changes(self, verified: bool) -> None:
        right = Holder.get(self.account.number, holder_item(self.who.client_id))
        right.update([Holder.verified.set(verified)])
        if not verified:
            self.stage.run_schedule("start_autopayments")
            self.stage.drain()
            right.update([Holder.verified.set(True)])

    # --- judgement

    def heal(self) -> None:
        self.stage.stripe_side.drop_webhooks(0)
        self.stage.stripe_side.clear_faults()

    def occurred(self, month: str) -> Occurrence | None:
        item = occurrence_item(self.who.client_id, month)
        with suppress(Occurrence.DoesNotExist):
            return Occurrence.get(self.account.number, item, consistent_read=True)
        return None

    def teardown(self) -> None:
        self.heal()
        for _ in range(ROUNDS):
            self.stage.travel.forward(hours=26)
            self.stage.stripe_side.tick()
            self.stage.drain()
            self.stage.run_schedule("check_open_payments")
            self.stage.drain()

        charges = self.stage.charges(self.who)
        payments = {p.payment_id: p for p in Payment.query(self.who.client_id)}
        paid = {p.payment_id: int(p.amount) for p in payments.values() if p.status == "paid"}
        taken = sorted((c["metadata"]["payment_id"], c["amount"]) for c in charges)
        assert taken == sorted(paid.items())
        per_month = Counter(payments[each].month for each in paid)
        assert all(count == 1 for count in per_month.values()), per_month
        attempts = Counter(p.month for p in payments.values() if not p.checkout_session_id)
        assert all(count <= 4 for count in attempts.values()), attempts
        assert not [p for p in payments.values() if p.status in ("created", "pending")]
        for month in self.due_months:
            found = self.occurred(month)
            assert found is not None, month
            assert found.status in ("paid", "failed", "skipped"), (month, found.status)
            assert (found.status == "paid") == (per_month[month] == 1)
            assert found.status == "paid" or found.reason
