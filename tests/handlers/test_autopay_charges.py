"""Charges of automatic payments: once, whatever happens; and what a refusal leads to."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from chalicelib.clients import queues
from chalicelib.config import settings
from chalicelib.models.holder import Holder, holder_item
from chalicelib.services import autopay, autopay_run
from local.inbox import Inbox
from local.stripe.faults import Mode
from tests.autopay_stage import VISA, Json, Stage
from tests.builders import MadeAccount, Person
from tests.conftest import Trips
from tests.paying import Died, dying

DECLINED_LATER = "4000000000000341"
"""Can be saved; every charge is declined."""
NO_FUNDS_LATER = "4000008260003178"
ASKS_ALWAYS = "4000002760003184"
"""Can be saved; every charge without its owner is refused for want of authentication."""
DAY = "2026-12-20"


@pytest.fixture
def payer(stage: Stage) -> tuple[Person, MadeAccount]:
    """A resident whose bill is paid on the 20th, up to a limit that it does not reach."""
    resident, account = stage.resident(to_pay=300_000, insurance=5_000)
    stage.saves_a_card(resident, account, amount=None, up_to=500_000)
    return resident, account


def result(stage: Stage, who: Person, account: MadeAccount) -> Json:
    found: Json = stage.see(who, account)["last_result"]
    return found


# --- once


def test_the_cron_twice_or_in_every_hour_charges_once(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer

    stage.morning(DAY)
    for _ in range(3):
        stage.run_schedule("start_autopayments")
    stage.drain()
    stage.travel.forward(hours=5)
    stage.morning(DAY)

    assert [c["amount"] for c in stage.charges(resident)] == [295_000]
    assert result(stage, resident, account)["status"] == "paid"


def test_runs_handed_out_together_charge_once(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, _ = payer
    stage.at(DAY)
    stage.done_until(date(2026, 12, 19))

    for _ in range(4):
        stage.run_schedule("start_autopayments")
    stage.drain()

    assert len(stage.charges(resident)) == 1


def test_a_late_cron_charges_what_was_missed_once(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer
    stage.at("2026-12-23")
    stage.done_until(date(2026, 12, 18))

    for _ in range(2):
        stage.run_schedule("start_autopayments")
        stage.drain()

    assert len(stage.charges(resident)) == 1
    assert result(stage, resident, account)["month"] == "2026-12"


def test_a_cron_that_comes_early_charges_nothing(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer
    stage.at("2026-12-19")

    queues.send(
        settings().AUTOPAY_QUEUE,
        {"month": "2026-12", "mandates": [[account.number, resident.client_id]]},
    )
    stage.drain()

    assert stage.charges(resident) == []


def test_every_month_has_one_charge_and_the_day_returns_after_a_short_month(stage: Stage) -> None:
    stage.at("2026-12-31")
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, amount=10_000)

    for day in ("2027-01-30", "2027-01-31", "2027-02-27", "2027-02-28", "2027-03-28",
                "2027-03-30", "2027-03-31", "2027-04-29", "2027-04-30"):  # fmt: skip
        stage.morning(day)

    months = [
        p["created_at"][:10]
        for p in reversed(stage.api.get("/v1/payments", headers=resident.headers).json()["items"])
    ]
    assert months == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert len(stage.charges(resident)) == 4
    assert stage.see(resident, account)["next_charge_on"] == "2027-05-31"


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_worker_that_dies_anywhere_charges_once(
    stage: Stage, payer: tuple[Person, MadeAccount], moment: str, call: int
) -> None:
    resident, account = payer
    stage.at(DAY)
    with dying(moment, call), suppress(Died):
        autopay.charge_month(account.number, resident.client_id, "2026-12")

    stage.drain()
    for _ in range(3):
        stage.travel.forward(minutes=10)
        autopay.charge_month(account.number, resident.client_id, "2026-12")
        stage.run_schedule("check_open_payments")
        stage.drain()

    assert len(stage.charges(resident)) == 1
    assert result(stage, resident, account)["status"] == "paid"


@pytest.mark.parametrize("again", ["worker", "reconciliation"])
@pytest.mark.parametrize("mode", ["before", "after", "timeout_before", "timeout_after", "throttle"])
def test_an_unknown_outcome_is_found_out_and_never_charged_again(
    stage: Stage, payer: tuple[Person, MadeAccount], mode: Mode, again: str
) -> None:
    resident, account = payer
    stage.at(DAY)
    stage.stripe_side.drop_webhooks(100)
    # One for the SDK's every try.
    stage.stripe_side.fail_next("/v1/payment_intents", "POST", mode, times=3)
    autopay.charge_month(account.number, resident.client_id, "2026-12")
    stage.stripe_side.clear_faults()
    stage.drain()
    assert result(stage, resident, account)["status"] == "pending"

    for _ in range(4):
        stage.travel.forward(minutes=20)
        if again == "worker":
            autopay.charge_month(account.number, resident.client_id, "2026-12")
        else:
            stage.run_schedule("check_open_payments")
    stage.travel.forward(hours=2)
    stage.run_schedule("check_open_payments")

    assert len(stage.charges(resident)) == 1
    assert result(stage, resident, account)["status"] == "paid"


def test_a_charge_the_provider_never_heard_of_is_tried_again_under_another_key(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer
    stage.at(DAY)
    with dying("after-call", 2), suppress(Died):
        autopay.charge_month(account.number, resident.client_id, "2026-12")

    stage.at("2026-12-21", hour=8)  # the provider has forgotten keys of yesterday morning
    stage.run_schedule("check_open_payments")

    failed = result(stage, resident, account)
    assert (failed["status"], failed["reason"]) == ("failed", "processing_error")
    assert stage.charges(resident) == []
    stage.morning(failed["next_try_on"])
    assert len(stage.charges(resident)) == 1
    assert result(stage, resident, account)["status"] == "paid"


def test_a_charge_costs_two_round_trips(
    stage: Stage, payer: tuple[Person, MadeAccount], trips: Trips
) -> None:
    resident, account = payer
    stage.at(DAY)
    trips.clear()

    autopay.charge_month(account.number, resident.client_id, "2026-12")

    assert trips == ["BatchGetItem", "TransactWriteItems"]


def test_handing_out_costs_one_call_per_page(stage: Stage, trips: Trips) -> None:
    from chalicelib.models.accounts_table import DUE_SHARDS
    from chalicelib.models.mandate import RETRY_SHARDS

    stage.at(DAY)
    stage.done_until(date(2026, 12, 19))
    trips.clear()

    stage.run_schedule("start_autopayments")

    assert trips == ["GetItem", *["Query"] * (DUE_SHARDS + RETRY_SHARDS), "UpdateItem"]


def test_messages_carry_many_mandates_and_ids_only(stage: Stage) -> None:
    from chalicelib.services.autopay_schedule import _messages

    pairs = [(f"70{n:08d}", f"cli_{n}") for n in range(250)]

    made = list(_messages(pairs, {"month": "2026-12"}))

    assert [len(m["mandates"]) for m in made] == [100, 100, 50]
    assert [tuple(p) for m in made for p in m["mandates"]] == pairs
    assert max(len(json.dumps(m)) for m in made) < 200_000


def test_one_mandate_that_fails_keeps_no_other_waiting(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer
    stage.at(DAY)
    message = {
        "month": "2026-12",
        "mandates": [["x", "\ud800"], [account.number, resident.client_id]],
    }

    with pytest.raises(autopay_run.Unfinished, match="1 of 2"):
        autopay_run.run(message, lambda: 150_000)

    assert len(stage.charges(resident)) == 1


def test_what_there_is_no_time_for_goes_back_to_the_queue(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer
    other, place = stage.resident()
    stage.saves_a_card(other, place, amount=20_000)
    stage.at(DAY)
    pairs = [[place.number, other.client_id], [account.number, resident.client_id]]

    autopay_run.run({"month": "2026-12", "mandates": pairs}, lambda: 1_000)

    assert len(stage.charges(other)) == 1
    assert stage.charges(resident) == []
    stage.drain()
    assert len(stage.charges(resident)) == 1


# --- amounts


def test_nothing_to_pay_is_a_result_and_no_charge(stage: Stage) -> None:
    resident, account = stage.resident(to_pay=0, insurance=0)
    stage.saves_a_card(resident, account)

    stage.morning(DAY)

    found = result(stage, resident, account)
    assert (found["status"], found["reason"], found["payment_id"]) == (
        "skipped", "nothing_to_pay", None,
    )  # fmt: skip
    assert stage.charges(resident) == []
    assert stage.see(resident, account)["next_charge_on"] == "2027-01-20"


def test_a_bill_over_the_limit_is_not_charged_and_its_client_is_told(
    stage: Stage, inbox: Inbox
) -> None:
    resident, account = stage.resident(email="limit@example.com", to_pay=300_000, insurance=0)
    stage.saves_a_card(resident, account, amount=None, up_to=299_999)

    for _ in range(2):
        stage.morning(DAY)

    found = result(stage, resident, account)
    assert (found["status"], found["reason"]) == ("skipped", "over_limit")
    assert stage.charges(resident) == []
    (letter,) = [m for m in inbox.mail("limit@example.com") if "не прошёл" in m.subject]
    assert "больше предела" in letter.text
    assert "Банк" not in letter.text


def test_a_fixed_amount_is_charged_whatever_is_due(stage: Stage) -> None:
    resident, account = stage.resident(to_pay=40_000, insurance=0)
    stage.saves_a_card(resident, account, amount=100_000)

    stage.morning(DAY)

    assert [c["amount"] for c in stage.charges(resident)] == [100_000]
    shown = stage.api.get(f"/v1/accounts/{account}", headers=resident.headers).json()
    assert shown["balance"]["advance"]["amount"] == 60_000


@pytest.mark.parametrize(("chosen", "charged"), [(True, 300_000), (False, 295_000)])
def test_insurance_is_paid_only_when_chosen(stage: Stage, chosen: bool, charged: int) -> None:
    resident, account = stage.resident(to_pay=300_000, insurance=5_000)
    stage.saves_a_card(resident, account, amount=None, up_to=500_000, with_insurance=chosen)

    stage.morning(DAY)

    assert [c["amount"] for c in stage.charges(resident)] == [charged]


# --- refusals


def test_a_soft_refusal_is_tried_again_after_one_three_and_five_days(
    stage: Stage, inbox: Inbox
) -> None:
    resident, account = stage.resident(email="soft@example.com")
    stage.saves_a_card(resident, account, card=DECLINED_LATER, amount=100_000)
    planned = []

    for day in range(20, 31):
        stage.morning(f"2026-12-{day}")
        planned.append(result(stage, resident, account)["next_try_on"])

    assert planned == [
        "2026-12-21",
        "2026-12-23", "2026-12-23",
        "2026-12-25", "2026-12-25",
        *[None] * 6,
    ]  # fmt: skip
    found = stage.see(resident, account)
    assert found["status"] == "active"
    assert found["last_result"]["status"] == "failed"
    assert found["last_result"]["reason"] == "generic_decline"
    history = stage.api.get("/v1/payments", headers=resident.headers).json()["items"]
    assert [p["status"] for p in history] == ["failed"] * 4
    told = [m for m in inbox.mail("soft@example.com") if "не прошёл" in m.subject]
    assert len(told) == 4


def test_a_retry_that_is_paid_ends_the_retries(stage: Stage) -> None:
    resident, account = stage.resident()
    other = stage.centre.account()
    resident.holds(other)
    stage.saves_a_card(resident, other, card=VISA, amount=1_000)
    good = stage.api.get("/v1/cards", headers=resident.headers).json()["items"][0]["id"]
    stage.saves_a_card(resident, account, card=NO_FUNDS_LATER, amount=100_000)
    stage.morning(DAY)
    assert result(stage, resident, account)["reason"] == "insufficient_funds"

    changed = stage.put(resident, account, amount=100_000, card_id=good)
    assert changed.json()["card"]["last4"] == "4242"
    for day in range(21, 31):
        stage.morning(f"2026-12-{day}")
        stage.morning(f"2026-12-{day}")

    found = result(stage, resident, account)
    assert (found["status"], found["next_try_on"]) == ("paid", None)
    assert sorted(c["amount"] for c in stage.charges(resident)) == [1_000, 100_000]


def test_a_bill_paid_by_hand_between_tries_is_not_charged(stage: Stage) -> None:
    resident, account = stage.resident(to_pay=300_000, insurance=0)
    stage.saves_a_card(resident, account, card=DECLINED_LATER)
    stage.morning(DAY)
    made = stage.api.post(
        "/v1/payments",
        json={
            "items": [{"account_number": account.number, "amount": 300_000}],
            "return_url": stage.back,
        },
        headers=resident.headers | {"Idempotency-Key": "by-hand"},
    ).json()
    assert stage.stripe_side.pay(made["checkout_url"], VISA) == "paid"
    stage.drain()

    for day in range(21, 27):
        stage.morning(f"2026-12-{day}")

    found = result(stage, resident, account)
    assert (found["status"], found["reason"]) == ("skipped", "nothing_to_pay")
    assert len(stage.charges(resident)) == 1


def test_a_card_that_will_not_pay_any_more_pauses(stage: Stage, inbox: Inbox) -> None:
    resident, account = stage.resident(email="hard@example.com")
    stage.saves_a_card(resident, account, amount=100_000)

    stage.morning("2035-01-20")  # the card has expired by then

    found = stage.see(resident, account)
    assert (found["status"], found["reason"]) == ("paused", "expired_card")
    assert found["last_result"]["next_try_on"] is None
    for day in ("2035-01-21", "2035-01-23", "2035-02-20"):
        stage.morning(day)
    history = stage.api.get("/v1/payments", headers=resident.headers).json()["items"]
    assert [p["status"] for p in history] == ["failed"]
    assert "не прошёл" in inbox.mail("hard@example.com")[0].subject


def test_a_refusal_heard_twice_and_late_counts_once(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, card=DECLINED_LATER, amount=100_000)
    stage.stripe_side.drop_webhooks(100)
    stage.morning(DAY)
    assert result(stage, resident, account)["status"] == "pending"

    for _ in range(3):
        stage.travel.forward(minutes=10)
        stage.run_schedule("check_open_payments")
    stage.stripe_side.drop_webhooks(0)

    found = result(stage, resident, account)
    assert (found["status"], found["next_try_on"]) == ("failed", "2026-12-21")


# --- strong authentication


def test_a_bank_that_asks_for_its_client_gets_a_link_by_mail_and_no_further_try(
    stage: Stage, inbox: Inbox
) -> None:
    resident, account = stage.resident(email="sca@example.com")
    stage.saves_a_card(resident, account, card=ASKS_ALWAYS, amount=100_000)

    stage.morning(DAY)

    waiting = result(stage, resident, account)
    assert (waiting["status"], waiting["reason"]) == ("pending", "authentication_required")
    letter = inbox.mail("sca@example.com")[0]
    link = link_in(letter.text)
    stage.morning("2026-12-20")
    assert stage.charges(resident) == []
    assert stage.stripe_side.pay(link, ASKS_ALWAYS) == "paid"
    stage.drain()
    paid = result(stage, resident, account)
    assert (paid["status"], paid["payment_id"]) == ("paid", waiting["payment_id"])
    for day in (21, 23, 25):
        stage.morning(f"2026-12-{day}")
    assert len(stage.charges(resident)) == 1


def test_a_link_that_was_paid_is_found_out_the_same_hour_when_its_events_are_lost(
    stage: Stage, inbox: Inbox
) -> None:
    resident, account = stage.resident(email="sca-lost@example.com")
    stage.saves_a_card(resident, account, card=ASKS_ALWAYS, amount=100_000)
    stage.morning(DAY)
    stage.stripe_side.drop_webhooks(100)
    link = link_in(inbox.mail("sca-lost@example.com")[0].text)
    assert stage.stripe_side.pay(link, ASKS_ALWAYS) == "paid"
    stage.drain()
    assert result(stage, resident, account)["status"] == "pending"

    stage.travel.forward(minutes=20)
    stage.run_schedule("check_open_payments")

    assert result(stage, resident, account)["status"] == "paid"
    assert len(stage.charges(resident)) == 1


def test_the_link_goes_by_sms_where_no_address_is_confirmed(stage: Stage, inbox: Inbox) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, card=ASKS_ALWAYS, amount=100_000)

    stage.morning(DAY)

    link = link_in(inbox.sms(resident.phone)[0].text)
    assert stage.stripe_side.pay(link, VISA) == "paid"
    stage.drain()
    assert result(stage, resident, account)["status"] == "paid"


def test_a_link_that_nobody_used_ends_the_month_and_the_next_one_is_tried(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, card=ASKS_ALWAYS, amount=100_000)
    stage.morning(DAY)

    stage.travel.forward(hours=25)
    stage.stripe_side.tick()
    stage.drain()

    found = stage.see(resident, account)
    assert found["status"] == "active"
    assert (found["last_result"]["status"], found["last_result"]["reason"]) == (
        "failed", "authentication_required",
    )  # fmt: skip
    assert found["next_charge_on"] == "2027-01-20"


def link_in(text: str) -> str:
    return next(word.rstrip(".") for word in text.split() if word.startswith("http"))


# --- cancelling, pausing, losing the account


def test_cancelling_between_tries_ends_them(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, card=DECLINED_LATER, amount=100_000)
    stage.morning(DAY)

    stage.cancel(resident, account)
    for day in range(21, 27):
        stage.morning(f"2026-12-{day}")

    history = stage.api.get("/v1/payments", headers=resident.headers).json()["items"]
    assert len(history) == 1


def test_cancelling_after_the_claim_lets_the_charge_through_and_no_other(
    stage: Stage, payer: tuple[Person, MadeAccount]
) -> None:
    resident, account = payer
    stage.at(DAY)
    stage.stripe_side.pause_webhooks()
    autopay.charge_month(account.number, resident.client_id, "2026-12")

    assert stage.cancel(resident, account).json()["status"] == "cancelled"
    stage.stripe_side.resume_webhooks()
    stage.drain()
    stage.morning("2027-01-20")

    found = stage.see(resident, account)
    assert (found["status"], found["last_result"]["status"]) == ("cancelled", "paid")
    assert len(stage.charges(resident)) == 1


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("act", ["cancel", "terms", "card"])
def test_a_change_in_the_middle_of_a_claim_is_seen(
    stage: Stage, payer: tuple[Person, MadeAccount], call: int, act: str
) -> None:
    resident, account = payer
    stage.at(DAY)

    def meddle() -> None:
        if act == "cancel":
            stage.cancel(resident, account)
        elif act == "terms":
            stage.put(resident, account, amount=77_700)
        else:
            cards = stage.api.get("/v1/cards", headers=resident.headers).json()["items"]
            stage.api.delete(f"/v1/cards/{cards[0]['id']}", headers=resident.headers)

    with meddling_before(call, meddle):
        autopay.charge_month(account.number, resident.client_id, "2026-12")
    stage.drain()

    # The change was there before the claim was written: at both calls it wins.
    charged = [c["amount"] for c in stage.charges(resident)]
    assert charged == ([77_700] if act == "terms" else [])


@pytest.mark.parametrize("lost", ["unverified", "gone"])
def test_who_lost_the_account_is_not_charged(
    stage: Stage, payer: tuple[Person, MadeAccount], lost: str
) -> None:
    resident, account = payer
    right = Holder.get(account.number, holder_item(resident.client_id))
    if lost == "gone":
        right.delete()
    else:
        right.update([Holder.verified.set(False)])

    stage.morning(DAY)

    assert stage.charges(resident) == []
    resident.holds(account)
    found = stage.see(resident, account)
    assert (found["status"], found["reason"]) == ("paused", "account_not_verified")
    assert found["last_result"]["reason"] == "account_not_verified"


# --- the day before


@pytest.mark.parametrize(
    ("to_pay", "up_to", "word"),
    [(300_000, 500_000, "Завтра автоплатёж"), (0, 500_000, "не будет"), (300_000, 1_000, "предел")],
)
def test_the_day_before_its_client_is_told_once(
    stage: Stage, inbox: Inbox, to_pay: int, up_to: int, word: str
) -> None:
    address = f"eve{to_pay}-{up_to}@example.com"
    resident, account = stage.resident(email=address, to_pay=to_pay, insurance=0)
    stage.saves_a_card(resident, account, amount=None, up_to=up_to)
    before = len(inbox.mail(address))

    stage.at("2026-12-18", hour=9)
    stage.run_schedule("announce_autopayments")
    stage.drain()
    assert len(inbox.mail(address)) == before
    for _ in range(2):
        stage.at("2026-12-19", hour=9)
        stage.run_schedule("announce_autopayments")
        stage.drain()

    letters = inbox.mail(address)
    assert len(letters) == before + 1
    assert word in letters[0].subject
    assert stage.charges(resident) == []


def meddling_before(call: int, meddle: Callable[[], None]) -> Any:
    """Let somebody else act just before the n-th DynamoDB call of what is inside."""
    from contextlib import contextmanager

    from chalicelib.models.base import connection

    @contextmanager
    def inside() -> Any:
        calls, busy = 0, False

        def before(**_: Any) -> None:
            nonlocal calls, busy
            if busy:
                return
            calls += 1
            if calls == call:
                busy = True
                meddle()
                busy = False

        hooks = connection().client.meta.events
        hooks.register("before-call.dynamodb", before)
        try:
            yield
        finally:
            hooks.unregister("before-call.dynamodb", before)

    return inside()
