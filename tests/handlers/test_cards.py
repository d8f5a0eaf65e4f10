"""Saved cards: only their owner sees and removes them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from chalicelib.clients.stripe_calls import client
from chalicelib.config import settings
from chalicelib.models.client import PROFILE, Client
from chalicelib.models.limits import SHARDS_MAXIMUM, Limit
from chalicelib.services.customers import customer_of
from tests.builders import Person
from tests.conftest import Travel
from tests.paying import DECLINED, VISA, Till


def saves_a_card(person: Person) -> str:
    """A card saved for the person, at the provider."""
    attached = client().v1.payment_methods.attach(
        "pm_card_visa", {"customer": customer_of(person.client_id)}
    )
    return attached.id


def test_whoever_saved_none_has_none(till: Till, person: Callable[..., Person]) -> None:
    answer = till.api.get("/v1/cards", headers=person().headers)

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_saved_card_is_shown_and_removed(till: Till, person: Callable[..., Person]) -> None:
    resident = person()
    card_id = saves_a_card(resident)

    shown = till.api.get("/v1/cards", headers=resident.headers).json()["items"]
    removed = till.api.delete(f"/v1/cards/{card_id}", headers=resident.headers)
    again = till.api.delete(f"/v1/cards/{card_id}", headers=resident.headers)
    left = till.api.get("/v1/cards", headers=resident.headers).json()["items"]

    assert [(c["id"], c["brand"], c["last4"]) for c in shown] == [(card_id, "visa", "4242")]
    assert (removed.status_code, again.status_code, left) == (204, 404, [])


@pytest.mark.parametrize("known", [True, False])
def test_anothers_card_is_not_found(till: Till, person: Callable[..., Person], known: bool) -> None:
    owner, other = person(), person()
    card_id = saves_a_card(owner)
    if known:
        customer_of(other.client_id)

    answer = till.api.delete(f"/v1/cards/{card_id}", headers=other.headers)

    assert answer.status_code == 404
    assert len(till.api.get("/v1/cards", headers=owner.headers).json()["items"]) == 1


@pytest.mark.parametrize("card_id", ["pm_none", "x", "pi_1", "pm_" + "a" * 300])
def test_what_is_no_card_is_not_found(
    till: Till, person: Callable[..., Person], card_id: str
) -> None:
    resident = person()
    customer_of(resident.client_id)

    assert till.api.delete(f"/v1/cards/{card_id}", headers=resident.headers).status_code == 404


def test_a_provider_that_is_down_is_told(till: Till, person: Callable[..., Person]) -> None:
    resident = person()
    saves_a_card(resident)
    till.stripe.fail_next("/v1/customers", method="GET", mode="before", times=3)

    answer = till.api.get("/v1/cards", headers=resident.headers)

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


def test_a_client_is_one_customer_however_many_ask_at_once(
    till: Till, person: Callable[..., Person]
) -> None:
    resident = person()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: customer_of(resident.client_id), range(4)))

    assert made == {Client.get(resident.client_id, PROFILE).stripe_customer_id}


def saves_on_the_page(till: Till, who: Person, **ask: str) -> httpx.Response:
    return till.api.post("/v1/cards", json={"return_url": till.back, **ask}, headers=who.headers)


def test_a_card_is_saved_on_the_providers_page_and_comes_first(
    till: Till, person: Callable[..., Person]
) -> None:
    resident = person()
    saves_a_card(resident)

    page = saves_on_the_page(till, resident)
    done = till.stripe.pay(page.json()["setup_url"], "5555555555554444")
    till.drain()

    assert (page.status_code, done) == (201, "paid")
    shown = till.api.get("/v1/cards", headers=resident.headers).json()["items"]
    assert [card["last4"] for card in shown] == ["4444", "4242"]


def test_a_page_that_is_left_saves_nothing(till: Till, person: Callable[..., Person]) -> None:
    resident = person()

    url = saves_on_the_page(till, resident).json()["setup_url"]

    assert till.stripe.pay(url, VISA, abandon=True) == "abandoned"
    assert till.stripe.pay(url, DECLINED) == "declined"
    assert till.api.get("/v1/cards", headers=resident.headers).json()["items"] == []


def test_a_page_leads_back_only_to_the_cabinet(till: Till, person: Callable[..., Person]) -> None:
    refused = saves_on_the_page(till, person(), return_url="https://evil.example/")

    assert refused.status_code == 422
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [
        ("return_url", "return_url_not_allowed")
    ]


def test_who_tries_cards_out_is_stopped_within_the_hour(
    till: Till, person: Callable[..., Person], travel: Travel
) -> None:
    resident = person()
    hour = f"cards#{resident.client_id}#{travel.now():%Y-%m-%dT%H}"
    for shard in range(SHARDS_MAXIMUM):
        Limit(f"{hour}#{shard}").update([Limit.used.set(settings().PAYMENTS_PER_CLIENT_HOUR)])

    stopped = saves_on_the_page(till, resident)
    travel.forward(hours=1)
    later = saves_on_the_page(till, resident)

    assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many_payments")
    assert stopped.headers["Retry-After"]
    assert later.status_code == 201
