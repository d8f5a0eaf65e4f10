"""Automatic payments through the doors: setting up, the cron's day, the charge, the money."""

from tests.autopay_stage import VISA, Stage


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
