"""Starting a payment: what is asked, what is refused, what it costs, what a crash leaves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chalicelib.config import settings
from chalicelib.models.payment import Payment
from tests.builders import Centre, Person
from tests.conftest import Travel, Trips
from tests.paying import DECLINED, VISA, Died, Till, between_calls, dying, once, pages_of


def payments_of(person: Person) -> list[Payment]:
    return list(Payment.query(person.client_id, consistent_read=True))


def test_a_paid_page_settles_the_account(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account(to_pay=383_719, insurance=6_780)
    resident = person().holds(account)

    made = till.started(resident, till.item(account))

    assert made["status"] == "pending"
    assert made["amount"] == {"amount": 383_719, "currency": "RUB"}
    assert made["items"][0]["insurance"]["amount"] == 6_780
    assert made["warnings"] == []

    assert till.stripe.pay(made["checkout_url"], VISA) == "paid"
    till.drain()

    seen = till.see(resident, made["id"])
    assert seen["status"] == "paid"
    assert seen["card"] == {"brand": "visa", "last4": "4242"}
    assert seen["checkout_url"] is None
    assert till.to_pay(resident, account) == 0


def test_starting_costs_two_round_trips(
    till: Till, centre: Centre, person: Callable[..., Person], trips: Trips
) -> None:
    account = centre.account()
    resident = person().holds(account)
    item = till.item(account)
    trips.clear()

    till.started(resident, item)

    assert trips == ["BatchGetItem", "TransactWriteItems"]


def test_paying_for_all_costs_one_query_more(
    till: Till, centre: Centre, person: Callable[..., Person], trips: Trips
) -> None:
    resident = person().holds(centre.account()).holds(centre.account())
    trips.clear()

    till.started(resident, with_insurance=True)

    assert trips == ["Query", "BatchGetItem", "TransactWriteItems"]


def test_all_accounts_are_paid_with_the_servers_amount(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    first = centre.account(to_pay=100_001, insurance=1_000)
    second = centre.account(to_pay=50_002, insurance=0)
    settled = centre.account(to_pay=0, insurance=0)
    unproven = centre.account(to_pay=70_000)
    resident = person().holds(first).holds(second).holds(settled)
    resident.holds(unproven, verified=False)

    made = till.paid(resident, with_insurance=False)

    assert made["amount"]["amount"] == 99_001 + 50_002
    assert {i["account_number"]: i["amount"]["amount"] for i in made["items"]} == {
        first.number: 99_001,
        second.number: 50_002,
    }
    assert till.to_pay(resident, first) == 0
    assert till.to_pay(resident, second) == 0
    answer = till.ask(resident)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_pay")


@pytest.mark.parametrize(("chosen", "insurance"), [(True, 6_780), (False, 0)])
def test_insurance_is_charged_only_when_chosen(
    till: Till, centre: Centre, person: Callable[..., Person], chosen: bool, insurance: int
) -> None:
    account = centre.account(to_pay=383_719, insurance=6_780)
    resident = person().holds(account)

    made = till.started(resident, with_insurance=chosen)

    assert made["amount"]["amount"] == 383_719 - 6_780 + insurance
    assert made["items"][0]["insurance"]["amount"] == insurance


def test_paying_less_than_charged_is_warned_of(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account(to_pay=100_000)
    resident = person().holds(account)

    made = till.started(resident, till.item(account, 99_999))

    assert made["warnings"] == ["underpayment"]


def test_a_foreign_account_is_not_found(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    person().holds(account)

    answer = till.ask(person(), till.item(account))

    assert answer.status_code == 404


def test_an_unproven_account_cannot_be_paid(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account, verified=False)

    answer = till.ask(resident, till.item(account))

    assert (answer.status_code, answer.json()["code"]) == (403, "account_not_verified")
    assert payments_of(resident) == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"amount": 0}, "items[0].amount", "out_of_range"),
        ({"amount": -1}, "items[0].amount", "out_of_range"),
        ({"amount": 100.5}, "items[0].amount", "wrong_type"),
        ({"amount": "100"}, "items[0].amount", "wrong_type"),
        ({"amount": True}, "items[0].amount", "wrong_type"),
        ({"amount": 10**30}, "items[0].amount", "out_of_range"),
        ({"verified": True}, "items[0].verified", "unknown_field"),
    ],
)
def test_what_is_no_amount_is_refused(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    change: dict[str, Any],
    field: str,
    code: str,
) -> None:
    account = centre.account()
    resident = person().holds(account)

    answer = till.ask(resident, till.item(account) | change)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert payments_of(resident) == []


def test_more_than_the_maximum_in_sum_is_refused(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    first, second = centre.account(), centre.account()
    resident = person().holds(first).holds(second)
    most = settings().PAYMENT_MAXIMUM

    answer = till.ask(resident, till.item(first, most), till.item(second, 1))

    assert answer.status_code == 422
    assert payments_of(resident) == []


def test_what_the_provider_finds_too_large_is_refused_and_the_key_stays_free(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()

    refused = till.ask(resident, till.item(account, 100_000_000), headers=key)
    made = till.ask(resident, till.item(account, 1_000), headers=key)

    assert refused.status_code == 422
    assert made.status_code == 201
    assert [p.status for p in payments_of(resident)] == ["pending"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"all_accounts": True, "items": [{"account_number": "70000001", "amount": 1}]}, "items"),
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": [{"account_number": "70000001", "amount": 1}] * 2}, "items"),
        (
            {"items": [{"account_number": f"7{n:08d}", "amount": 1} for n in range(49)]},
            "items",
        ),
    ],
)
def test_either_items_or_all_accounts(
    till: Till, person: Callable[..., Person], body: dict[str, Any], field: str
) -> None:
    answer = till.api.post(
        "/v1/payments", json={"return_url": till.back, **body}, headers=person().headers | once()
    )

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_people_are_sent_back_only_to_known_origins(
    till: Till, centre: Centre, person: Callable[..., Person], url: str
) -> None:
    account = centre.account()
    resident = person().holds(account)

    answer = till.ask(resident, till.item(account), return_url=url)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "return_url_not_allowed"


# --- the same request again


def test_the_same_key_gives_the_first_answer_and_one_payment(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()

    first = till.ask(resident, till.item(account), headers=key)
    second = till.ask(resident, till.item(account), headers=key)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(payments_of(resident)) == 1


def test_the_same_key_for_another_request_is_refused(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    till.started(resident, till.item(account), headers=key)

    answer = till.ask(resident, till.item(account, 5), headers=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_payment_without_a_key_is_refused(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)

    answer = till.ask(resident, till.item(account), headers={})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_the_same_request_many_times_at_once_makes_one_payment(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: till.ask(resident, till.item(account), headers=key), range(8))
        )

    assert {a.status_code for a in answers} == {201}
    assert len({a.text for a in answers}) == 1
    assert [p.payment_id for p in payments_of(resident)] == [answers[0].json()["id"]]


def test_the_same_request_at_the_worst_moment_gets_the_faster_ones_answer(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    faster: list[Any] = []

    def overtake() -> None:
        faster.append(till.ask(resident, till.item(account), headers=key))

    with between_calls(2, overtake):  # it has its page and is about to store the payment
        slower = till.ask(resident, till.item(account), headers=key)

    assert faster[0].status_code == slower.status_code == 201
    assert slower.json() == faster[0].json()
    assert [p.payment_id for p in payments_of(resident)] == [faster[0].json()["id"]]
    assert len(pages_of(resident)) == 2  # one of them is nobody's


def test_another_request_under_the_key_at_the_worst_moment_is_refused(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    faster: list[Any] = []

    def overtake() -> None:
        faster.append(till.ask(resident, till.item(account, 5), headers=key))

    with between_calls(2, overtake):
        slower = till.ask(resident, till.item(account), headers=key)

    assert faster[0].status_code == 201
    assert (slower.status_code, slower.json()["code"]) == (409, "idempotency_key_reused")
    assert [p.payment_id for p in payments_of(resident)] == [faster[0].json()["id"]]


def test_a_key_lives_for_thirty_days(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    first = till.started(resident, till.item(account), headers=key)

    travel.forward(days=30, seconds=-1)
    kept = till.started(resident, till.item(account), headers=key)
    travel.forward(seconds=1)
    anew = till.started(resident, till.item(account), headers=key)

    assert kept["id"] == first["id"]
    assert anew["id"] != first["id"]
    assert till.started(resident, till.item(account), headers=key) == anew


# --- paying twice


def test_what_was_paid_minutes_ago_is_asked_about(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    account = centre.account()
    resident = person().holds(account)
    neighbour = person().holds(account)
    till.paid(resident, till.item(account, 5_000))

    travel.forward(minutes=14)
    again = till.ask(neighbour, till.item(account, 5_000))
    confirmed = till.ask(neighbour, till.item(account, 5_000), confirm_repeat=True)
    other = till.ask(neighbour, till.item(account, 5_001))
    travel.forward(minutes=2)
    later = till.ask(neighbour, till.item(account, 5_000))

    assert (again.status_code, again.json()["code"]) == (409, "recent_payment")
    assert confirmed.status_code == other.status_code == later.status_code == 201


def test_a_page_that_nobody_paid_is_no_reason_to_ask(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    till.started(resident, till.item(account))

    assert till.ask(resident, till.item(account)).status_code == 201


def test_whoever_tries_cards_is_stopped_within_the_hour_and_costs_the_provider_nothing(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    configured: Callable[..., None],
) -> None:
    configured(PAYMENTS_PER_CLIENT_HOUR=1)
    account = centre.account()
    resident = person().holds(account)
    till.started(resident, till.item(account))

    stopped = till.ask(resident, till.item(account))

    assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many_payments")
    assert stopped.headers["Retry-After"] == "3600"
    assert len(payments_of(resident)) == len(pages_of(resident)) == 1

    travel.forward(hours=1)

    assert till.ask(resident, till.item(account)).status_code == 201


def test_many_payments_at_once_are_no_more_than_the_hour_allows(
    till: Till, centre: Centre, person: Callable[..., Person], configured: Callable[..., None]
) -> None:
    configured(PAYMENTS_PER_CLIENT_HOUR=2)
    account = centre.account()
    resident = person().holds(account)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: till.ask(resident, till.item(account)), range(6)))

    assert sorted(a.status_code for a in answers) == [201, 201, 429, 429, 429, 429]
    assert {a.json()["code"] for a in answers if a.status_code == 429} == {"too_many_payments"}
    assert len(payments_of(resident)) == 2


def test_a_budget_that_ends_meanwhile_stores_nothing_and_leaves_the_key_free(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    configured: Callable[..., None],
) -> None:
    configured(PAYMENTS_PER_CLIENT_HOUR=1)
    account = centre.account()
    resident = person().holds(account)
    key = once()
    other: list[Any] = []

    with between_calls(2, lambda: other.append(till.ask(resident, till.item(account)))):
        stopped = till.ask(resident, till.item(account), headers=key)
    travel.forward(hours=1)
    later = till.ask(resident, till.item(account), headers=key)

    assert other[0].status_code == later.status_code == 201
    assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many_payments")
    assert {p.payment_id for p in payments_of(resident)} == {
        other[0].json()["id"],
        later.json()["id"],
    }


# --- the provider fails


@pytest.mark.parametrize("mode", ["before", "after", "timeout_before", "timeout_after", "throttle"])
def test_a_provider_that_fails_is_told_and_the_same_key_makes_one_payment(
    till: Till, centre: Centre, person: Callable[..., Person], mode: Any
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    till.stripe.fail_next("/v1/checkout/sessions", mode=mode, times=3)

    down = till.ask(resident, till.item(account), headers=key)
    till.stripe.clear_faults()

    assert (down.status_code, down.json()["code"]) == (503, "provider_unavailable")
    assert down.headers["Retry-After"]
    assert payments_of(resident) == []

    made = till.ask(resident, till.item(account), headers=key)

    assert made.status_code == 201
    assert till.stripe.pay(made.json()["checkout_url"], VISA) == "paid"
    till.drain()
    assert [(p.payment_id, p.status) for p in payments_of(resident)] == [
        (made.json()["id"], "paid")
    ]


def test_a_slow_try_that_fails_after_a_faster_one_got_through_says_so_as_usual(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    faster: list[Any] = []

    def overtake() -> None:
        faster.append(till.ask(resident, till.item(account), headers=key))
        till.stripe.fail_next("/v1/checkout/sessions", mode="before", times=3)

    with between_calls(1, overtake, moment="after-call"):  # it has read that nobody used the key
        slow = till.ask(resident, till.item(account), headers=key)

    assert faster[0].status_code == 201
    assert (slow.status_code, slow.json()["code"]) == (503, "provider_unavailable")
    assert till.ask(resident, till.item(account), headers=key).json() == faster[0].json()
    assert len(payments_of(resident)) == 1


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize(
    ("everything", "call"), [(False, 1), (False, 2), (True, 1), (True, 2), (True, 3)]
)
def test_a_try_that_died_anywhere_is_made_good_by_the_next_under_its_key(
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    moment: str,
    everything: bool,
    call: int,
) -> None:
    account = centre.account(insurance=0)
    resident = person().holds(account)
    items = () if everything else (till.item(account),)
    key = once()

    with dying(moment, call), pytest.raises(Died):
        till.ask(resident, *items, headers=key)
    stored = payments_of(resident)
    made = till.ask(resident, *items, headers=key)

    assert made.status_code == 201
    assert [p.payment_id for p in stored] in ([], [made.json()["id"]])
    assert till.stripe.pay(made.json()["checkout_url"], VISA) == "paid"
    till.drain()
    assert [(p.payment_id, p.status) for p in payments_of(resident)] == [
        (made.json()["id"], "paid")
    ]
    assert till.to_pay(resident, account) == 0


def test_a_payment_whose_answer_got_lost_is_the_one_that_the_key_gives(
    till: Till, centre: Centre, person: Callable[..., Person], travel: Travel
) -> None:
    account = centre.account()
    resident = person().holds(account)
    key = once()
    with dying("after-call", 2), pytest.raises(Died):
        till.ask(resident, till.item(account), headers=key)
    (stored,) = payments_of(resident)

    travel.forward(hours=30)  # its page has expired long ago
    kept = till.started(resident, till.item(account), headers=key)

    assert kept["id"] == stored.payment_id
    assert len(pages_of(resident)) == 1


def test_a_declined_card_leaves_the_page_open_for_another(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = till.started(resident, till.item(account))

    assert till.stripe.pay(made["checkout_url"], DECLINED) == "declined"
    till.drain()
    seen = till.see(resident, made["id"])
    assert (seen["status"], seen["reason"]) == ("pending", "generic_decline")

    assert till.stripe.pay(made["checkout_url"], VISA) == "paid"
    till.drain()
    seen = till.see(resident, made["id"])
    assert (seen["status"], seen["reason"]) == ("paid", None)


def test_leaving_the_page_and_paying_on_it_lead_to_different_addresses(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = till.started(resident, till.item(account))
    page = made["checkout_url"].replace("localhost", "127.0.0.1")

    left = httpx.get(f"{page}/back", trust_env=False).headers["location"]
    entry = {"number": VISA, "expiry": "12 / 34", "cvc": "123", "email": "a@home.example"}
    paid = httpx.post(page, data=entry, trust_env=False).headers["location"]

    assert left == f"{till.back}?payment_id={made['id']}&left=yes"
    assert paid == f"{till.back}?payment_id={made['id']}"


def test_nobody_sees_anothers_payment(
    till: Till, centre: Centre, person: Callable[..., Person]
) -> None:
    account = centre.account()
    resident, other = person().holds(account), person().holds(account)
    made = till.started(resident, till.item(account))

    answer = till.api.get(f"/v1/payments/{made['id']}", headers=other.headers)

    assert answer.status_code == 404
