"""Idempotency keys, secret keys, and faults on the way."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from local.stripe import LocalStripe
from tests.local.stripe.support import (
    SECRET_KEY,
    Clock,
    Server,
    charge_off_session,
    error_of,
    saved_card,
    sdk,
)


def test_the_same_key_gives_the_first_answer_again(server: Server) -> None:
    customer, method = saved_card(server, "4242424242424242")

    first = charge_off_session(server.client, customer, method, key="pay-1")
    again = charge_off_session(server.client, customer, method, key="pay-1")

    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(server.client.v1.charges.list({"customer": customer}).data) == 1


def test_a_decline_is_given_again_under_its_key(server: Server) -> None:
    customer, method = saved_card(server, "4000000000000341")

    intents = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            charge_off_session(server.client, customer, method, key="pay-1")
        intents.append(error_of(refused.value)["payment_intent"]["id"])

    assert intents[0] == intents[1]
    assert len(server.client.v1.charges.list({"customer": customer}).data) == 1


def test_the_same_key_with_another_request_is_refused(server: Server) -> None:
    customer, method = saved_card(server, "4242424242424242")
    charge_off_session(server.client, customer, method, amount=100_00, key="pay-1")

    with pytest.raises(stripe.IdempotencyError) as amount:
        charge_off_session(server.client, customer, method, amount=100_01, key="pay-1")
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        server.client.v1.customers.create({}, {"idempotency_key": "pay-1"})

    assert amount.value.http_status == 400
    assert error_of(amount.value)["type"] == "idempotency_error"
    assert len(server.client.v1.charges.list({"customer": customer}).data) == 1


def test_a_key_lives_for_a_day_of_the_injected_clock(server: Server, clock: Clock) -> None:
    customer, method = saved_card(server, "4242424242424242")
    first = charge_off_session(server.client, customer, method, key="pay-1")

    clock.move(hours=23, minutes=59)
    assert charge_off_session(server.client, customer, method, key="pay-1").id == first.id
    clock.move(minutes=1)
    assert charge_off_session(server.client, customer, method, key="pay-1").id != first.id


def test_malformed_parameters_do_not_use_up_the_key(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create(
            {"amount": -1, "currency": "rub"}, {"idempotency_key": "pay-1"}
        )

    made = client.v1.payment_intents.create(
        {"amount": 100, "currency": "rub"}, {"idempotency_key": "pay-1"}
    )

    assert made.amount == 100


def test_two_requests_at_once_under_one_key_do_the_work_once(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    stand_in.fail_next("/v1/customers", "POST", "slow")

    def create(_: int) -> int:
        try:
            client.v1.customers.create({}, {"idempotency_key": "new-1"})
        except stripe.APIError as error:
            assert error_of(error)["code"] == "idempotency_key_in_use"  # noqa: PT017
            return error.http_status or 0
        return 200

    with ThreadPoolExecutor(2) as two:
        statuses = sorted(two.map(create, range(2)))

    assert statuses == [200, 409]
    assert len(client.v1.customers.list().data) == 1


def test_a_500_before_the_work_leaves_nothing(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    stand_in.fail_next("/v1/customers", "POST", "before")

    with pytest.raises(stripe.APIError) as broken:
        client.v1.customers.create({}, {"idempotency_key": "new-1"})

    assert broken.value.http_status == 500
    assert client.v1.customers.list().data == []
    client.v1.customers.create({}, {"idempotency_key": "new-1"})
    assert len(client.v1.customers.list().data) == 1


def test_a_500_after_the_work_is_what_the_key_keeps(
    client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    stand_in.fail_next("/v1/customers", "POST", "after")

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.customers.create({}, {"idempotency_key": "new-1"})

    assert len(client.v1.customers.list().data) == 1


def test_a_lost_answer_comes_with_the_next_try(
    server: Server, client: stripe.StripeClient, stand_in: LocalStripe
) -> None:
    stand_in.fail_next("/v1/customers", "POST", "timeout_after")

    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"name": "A"}, {"idempotency_key": "new-1"})
    again = client.v1.customers.create({"name": "A"}, {"idempotency_key": "new-1"})

    assert [one.id for one in client.v1.customers.list().data] == [again.id]
    stand_in.fail_next("/v1/customers", "POST", "timeout_after")
    patient = sdk(server.base, retries=1)
    assert patient.v1.customers.create({"name": "B"}).name == "B"
    assert len(client.v1.customers.list().data) == 2


def test_other_faults_do_nothing(client: stripe.StripeClient, stand_in: LocalStripe) -> None:
    stand_in.fail_next("/v1/customers", "POST", "timeout_before")
    stand_in.fail_next("/v1/customers", "POST", "throttle")

    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create()
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.create()

    assert client.v1.customers.list().data == []
    with pytest.raises(ValueError, match="no fault mode"):
        stand_in.fail_next("/v1", "POST", "later")  # type: ignore[arg-type]


def test_a_wrong_secret_key_is_401(server: Server) -> None:
    stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": server.base})

    with pytest.raises(stripe.AuthenticationError) as refused:
        stranger.v1.customers.list()

    assert refused.value.http_status == 401
    assert "sk_test_wrong" not in str(refused.value)


def test_the_key_may_come_as_a_basic_user_name(server: Server, browser: httpx.Client) -> None:
    ok = browser.get(f"{server.base}/v1/customers", auth=(SECRET_KEY, ""))
    nobody = browser.get(f"{server.base}/v1/customers")
    elsewhere = browser.get(f"{server.base}/v1/unicorns", auth=(SECRET_KEY, ""))

    assert (ok.status_code, nobody.status_code, elsewhere.status_code) == (200, 401, 404)
    assert "Unrecognized request URL (GET: /v1/unicorns)" in elsewhere.json()["error"]["message"]
