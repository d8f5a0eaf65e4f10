"""Automatic payments through the doors: setting up, the cron's day, the charge, the money."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.stripe.faults import Mode
from tests.autopay_stage import VISA, Stage, path
from tests.builders import Person
from tests.conftest import Trips
from tests.paying import Died, dying


def test_a_card_is_saved_and_the_bill_is_paid_next_month_on_the_same_day(stage: Stage) -> None:
    resident, account = stage.resident(to_pay=383_719, insurance=6_780)

    made = stage.put(resident, account, amount=None, up_to=500_000)

    assert made.status_code == 200, made.text
    assert made.json()["status"] == "waiting_for_card"
    assert stage.stripe_side.pay(made.json()["setup_url"], VISA) == "paid"
    stage.drain()
    active = stage.see(resident, account)
    assert active["status"] == "active"
    assert active["day"] == 20
    assert active["next_charge_on"] == "2026-12-20"
    assert active["card"] == {"brand": "visa", "last4": "4242"}
    assert active["setup_url"] is None

    stage.morning("2026-12-20")

    after = stage.see(resident, account)
    assert after["last_result"]["status"] == "paid", after
    assert after["last_result"]["amount"]["amount"] == 383_719 - 6_780
    assert after["next_charge_on"] == "2027-01-20"
    payment_id = after["last_result"]["payment_id"]
    paid = stage.api.get(f"/v1/payments/{payment_id}", headers=resident.headers).json()
    assert (paid["status"], paid["source"]) == ("paid", "autopay")
    shown = stage.api.get(f"/v1/accounts/{account}", headers=resident.headers).json()
    assert shown["balance"]["to_pay"]["amount"] == 0
    assert len(stage.charges(resident)) == 1


def test_a_saved_card_needs_no_page(stage: Stage) -> None:
    resident, first = stage.resident()
    stage.saves_a_card(resident, first)
    second = stage.centre.account()
    resident.holds(second)
    card_id = stage.api.get("/v1/cards", headers=resident.headers).json()["items"][0]["id"]

    made = stage.put(resident, second, amount=150_000, card_id=card_id, return_url=None)

    assert made.status_code == 200, made.text
    body = made.json()
    assert body["status"] == "active"
    assert body["setup_url"] is None
    assert body["amount"] == {"amount": 150_000, "currency": "RUB"}
    assert body["up_to"] is None
    assert (body["day"], body["next_charge_on"]) == (20, "2026-12-20")


def test_the_accounts_tell_the_state_of_the_clients_own_automatic_payment(stage: Stage) -> None:
    resident, account = stage.resident()
    relative = stage.person().holds(account)

    def told(who: Person) -> list[str | None]:
        listed = stage.api.get("/v1/accounts", headers=who.headers).json()["items"]
        one = stage.api.get(f"/v1/accounts/{account}", headers=who.headers).json()
        return [listed[0]["autopayment"], one["autopayment"]]

    assert told(resident) == [None, None]
    stage.saves_a_card(resident, account)
    assert told(resident) == ["active", "active"]
    assert told(relative) == [None, None]
    stage.cancel(resident, account)
    assert told(resident) == ["cancelled", "cancelled"]


def test_another_persons_card_is_no_card(stage: Stage) -> None:
    owner, account = stage.resident()
    stage.saves_a_card(owner, account)
    card_id = stage.api.get("/v1/cards", headers=owner.headers).json()["items"][0]["id"]
    thief, own = stage.resident()

    for stolen in (card_id, "pm_nobodys", "x/../y"):
        asked = stage.put(thief, own, amount=100_000, card_id=stolen)
        assert asked.status_code == 422
        assert [(e["field"], e["code"]) for e in asked.json()["errors"]] == [
            ("card_id", "card_unknown")
        ]


def test_asking_again_gives_the_same_page_and_new_terms(stage: Stage) -> None:
    resident, account = stage.resident()
    first = stage.put(resident, account, amount=100_000).json()

    again = stage.put(resident, account, amount=100_000).json()
    changed = stage.put(resident, account, amount=None, up_to=200_000).json()

    assert again == first
    assert changed["setup_url"] == first["setup_url"]
    assert (changed["amount"], changed["up_to"]["amount"]) == (None, 200_000)


def test_a_page_that_ran_out_is_replaced(stage: Stage) -> None:
    resident, account = stage.resident()
    first = stage.put(resident, account, amount=100_000).json()
    stage.travel.forward(hours=25)

    second = stage.put(resident, account, amount=100_000).json()

    assert second["setup_url"] != first["setup_url"]
    assert stage.stripe_side.pay(second["setup_url"], VISA) == "paid"
    stage.drain()
    assert stage.see(resident, account)["day"] == 21


def test_new_terms_of_an_active_one_keep_its_day(stage: Stage) -> None:
    resident, account = stage.resident()
    before = stage.saves_a_card(resident, account, amount=100_000)
    stage.at("2026-11-28")

    changed = stage.put(resident, account, amount=None, up_to=700_000, return_url=None).json()

    assert changed["status"] == "active"
    assert (changed["amount"], changed["up_to"]["amount"]) == (None, 700_000)
    for kept in ("day", "next_charge_on", "card"):
        assert changed[kept] == before[kept]


def test_saving_a_card_and_leaving_the_page_lead_to_different_addresses(stage: Stage) -> None:
    resident, account = stage.resident()
    url = stage.put(resident, account, amount=100_000).json()["setup_url"]
    page = url.replace("localhost", "127.0.0.1")

    left = httpx.get(f"{page}/back", trust_env=False).headers["location"]
    entry = {"number": VISA, "expiry": "12 / 34", "cvc": "123"}
    saved = httpx.post(page, data=entry, trust_env=False).headers["location"]

    assert (left, saved) == (f"{stage.back}?left=yes", stage.back)


def test_an_abandoned_or_declined_page_leaves_it_waiting(stage: Stage) -> None:
    resident, account = stage.resident()
    url = stage.put(resident, account, amount=100_000).json()["setup_url"]

    assert stage.stripe_side.pay(url, VISA, abandon=True) == "abandoned"
    assert stage.stripe_side.pay(url, "4000000000000002") == "declined"
    stage.drain()

    waiting = stage.see(resident, account)
    assert waiting["status"] == "waiting_for_card"
    assert (waiting["day"], waiting["next_charge_on"]) == (None, None)
    assert waiting["setup_url"] == url


@pytest.mark.parametrize(
    ("moment", "day", "first"),
    [
        (datetime(2027, 1, 30, 20, 59, 59, tzinfo=UTC), 30, "2027-02-28"),
        (datetime(2027, 1, 31, 20, 59, 59, tzinfo=UTC), 31, "2027-02-28"),
        (datetime(2027, 1, 31, 21, 0, 0, tzinfo=UTC), 1, "2027-03-01"),
        (datetime(2026, 12, 31, 21, 17, 0, tzinfo=UTC), 1, "2027-02-01"),
    ],
)
def test_the_day_is_moscows_when_the_card_was_confirmed_however_late_we_hear(
    stage: Stage, moment: datetime, day: int, first: str
) -> None:
    resident, account = stage.resident()
    stage.travel.to(moment)
    url = stage.put(resident, account, amount=100_000).json()["setup_url"]
    stage.stripe_side.pause_webhooks()
    assert stage.stripe_side.pay(url, VISA) == "paid"
    stage.travel.forward(hours=10)
    stage.stripe_side.resume_webhooks()
    stage.drain()

    active = stage.see(resident, account)

    assert (active["day"], active["next_charge_on"]) == (day, first)


def test_a_lost_confirmation_is_found_out(stage: Stage) -> None:
    resident, account = stage.resident()
    url = stage.put(resident, account, amount=100_000).json()["setup_url"]
    stage.stripe_side.drop_webhooks(100)
    assert stage.stripe_side.pay(url, VISA) == "paid"
    stage.drain()
    stage.stripe_side.drop_webhooks(0)
    assert stage.see(resident, account)["status"] == "waiting_for_card"

    stage.travel.forward(hours=1)
    stage.run_schedule("pull_payment_events")

    assert stage.see(resident, account)["status"] == "active"


def test_what_was_confirmed_is_confirmed_once(stage: Stage) -> None:
    resident, account = stage.resident()
    before = stage.saves_a_card(resident, account, amount=100_000)
    stage.at("2026-11-29")

    stage.run_schedule("pull_payment_events")
    stage.drain()

    assert stage.see(resident, account) == before


def test_cancelling_before_the_card_is_confirmed_wins(stage: Stage) -> None:
    resident, account = stage.resident()
    url = stage.put(resident, account, amount=100_000).json()["setup_url"]
    stage.stripe_side.pause_webhooks()
    assert stage.stripe_side.pay(url, VISA) == "paid"

    assert stage.cancel(resident, account).json()["status"] == "cancelled"
    stage.stripe_side.resume_webhooks()
    stage.drain()

    assert stage.see(resident, account)["status"] == "cancelled"


def test_cancelled_stays_cancelled_and_can_begin_anew(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, amount=100_000)

    for _ in range(2):
        ended = stage.cancel(resident, account)
        assert ended.status_code == 200
        assert ended.json()["status"] == "cancelled"
        assert ended.json()["next_charge_on"] is None
    stage.morning("2026-12-20")
    assert stage.charges(resident) == []

    stage.at("2026-12-22")
    anew = stage.saves_a_card(resident, account, amount=100_000)
    assert (anew["day"], anew["next_charge_on"]) == (22, "2027-01-22")


def test_removing_the_card_pauses_what_is_paid_with_it(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, amount=100_000)
    card_id = stage.api.get("/v1/cards", headers=resident.headers).json()["items"][0]["id"]

    gone = stage.api.delete(f"/v1/cards/{card_id}", headers=resident.headers)
    stage.drain()

    assert gone.status_code == 204
    paused = stage.see(resident, account)
    assert (paused["status"], paused["reason"]) == ("paused", "card_removed")
    stage.morning("2026-12-20")
    assert stage.charges(resident) == []
    stage.at("2026-12-21")
    assert stage.saves_a_card(resident, account, amount=100_000)["day"] == 21


def test_each_holder_has_an_automatic_payment_of_ones_own(stage: Stage) -> None:
    owner, account = stage.resident()
    relative = stage.person().holds(account)
    stage.saves_a_card(owner, account, amount=100_000)

    assert stage.api.get(path(account), headers=relative.headers).status_code == 404
    stage.saves_a_card(relative, account, amount=50_000)

    assert stage.see(owner, account)["amount"]["amount"] == 100_000
    assert stage.see(relative, account)["amount"]["amount"] == 50_000
    stage.cancel(relative, account)
    assert stage.see(owner, account)["status"] == "active"


def test_all_of_a_clients_are_listed_with_what_became_of_them(stage: Stage, trips: Trips) -> None:
    resident, first = stage.resident(to_pay=383_719)
    stage.saves_a_card(resident, first, amount=None, up_to=500_000)
    card_id = stage.api.get("/v1/cards", headers=resident.headers).json()["items"][0]["id"]
    second, bare, lost = (stage.centre.account() for _ in range(3))
    resident.holds(second).holds(bare).holds(lost)
    for account in (second, lost):
        stage.put(resident, account, amount=150_000, card_id=card_id, return_url=None)
    resident.holds(lost, verified=False)
    stage.cancel(resident, second)
    stage.morning("2026-12-20")

    trips.clear()
    listed = stage.api.get("/v1/autopayments", headers=resident.headers).json()["items"]

    assert trips == ["Query", "BatchGetItem", "BatchGetItem"]
    assert listed == [stage.see(resident, first), stage.see(resident, second)]
    assert [each["account_number"] for each in listed] == [str(first), str(second)]
    assert [each["status"] for each in listed] == ["active", "cancelled"]
    assert listed[0]["card_id"] == card_id
    assert listed[0]["last_result"]["status"] == "paid"


def test_whoever_set_up_none_has_none(stage: Stage) -> None:
    resident, _ = stage.resident()

    listed = stage.api.get("/v1/autopayments", headers=resident.headers)

    assert (listed.status_code, listed.json()["items"]) == (200, [])


def test_strangers_and_unproven_holders_get_nowhere(stage: Stage) -> None:
    owner, account = stage.resident()
    stage.saves_a_card(owner, account)
    stranger = stage.person()
    unproven = stage.person().holds(account, verified=False)

    for who, status, code in (
        (stranger, 404, "not_found"),
        (unproven, 403, "account_not_verified"),
    ):
        answers = [
            stage.put(who, account, amount=100_000),
            stage.api.get(path(account), headers=who.headers),
            stage.cancel(who, account),
        ]
        assert {(a.status_code, a.json()["code"]) for a in answers} == {(status, code)}
    assert stage.api.get(path("no-number"), headers=owner.headers).status_code == 404


def test_there_is_nothing_before_it_is_set_up(stage: Stage) -> None:
    resident, account = stage.resident()

    assert stage.api.get(path(account), headers=resident.headers).status_code == 404
    assert stage.cancel(resident, account).status_code == 404


@pytest.mark.parametrize(
    ("ask", "field", "code"),
    [
        ({}, "up_to", "field_required"),
        ({"amount": None}, "up_to", "field_required"),
        ({"amount": 100, "up_to": 200}, "up_to", "either_or"),
        ({"amount": 0}, "amount", "out_of_range"),
        ({"amount": -5}, "amount", "out_of_range"),
        ({"amount": 10**12}, "amount", "out_of_range"),
        ({"amount": 1.5}, "amount", "wrong_type"),
        ({"amount": "100"}, "amount", "wrong_type"),
        ({"amount": None, "up_to": 0}, "up_to", "out_of_range"),
        ({"amount": 100, "return_url": None}, "return_url", "field_required"),
        ({"amount": 100, "return_url": "https://evil.example/"}, "return_url", "return_url_not_allowed"),
        ({"amount": 100, "status": "active"}, "status", "unknown_field"),
        ({"amount": 100, "day": 1}, "day", "unknown_field"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    stage: Stage, ask: dict[str, Any], field: str, code: str
) -> None:
    resident, account = stage.resident()

    refused = stage.put(resident, account, **ask)

    assert refused.status_code == 422, refused.text
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [(field, code)]
    assert stage.api.get(path(account), headers=resident.headers).status_code == 404


def test_letting_go_of_the_account_ends_it(stage: Stage) -> None:
    resident, account = stage.resident()
    stage.saves_a_card(resident, account, amount=100_000)

    stage.api.delete(f"/v1/accounts/{account}", headers=resident.headers)
    resident.holds(account)
    stage.morning("2026-12-20")

    assert stage.api.get(path(account), headers=resident.headers).status_code == 404
    assert stage.charges(resident) == []


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_setting_up_survives_the_end_of_the_process_at_every_step(
    stage: Stage, moment: str
) -> None:
    for call in range(1, 8):
        resident, account = stage.resident()
        with dying(moment, call), suppress(Died):
            stage.put(resident, account, amount=100_000)

        made = stage.saves_a_card(resident, account, amount=100_000)

        assert made["status"] == "active"


@pytest.mark.parametrize("mode", ["before", "after", "timeout_after"])
def test_setting_up_survives_the_providers_faults(stage: Stage, mode: Mode) -> None:
    resident, account = stage.resident()
    stage.stripe_side.fail_next("/v1/checkout/sessions", "POST", mode, times=3)

    failed = stage.put(resident, account, amount=100_000)
    stage.stripe_side.clear_faults()

    assert failed.status_code == 503
    assert failed.json()["code"] == "provider_unavailable"
    assert stage.saves_a_card(resident, account, amount=100_000)["status"] == "active"
