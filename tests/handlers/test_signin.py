"""Signing in by an SMS code, the whole way down."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chalicelib import clock
from chalicelib.models.consent import Consent
from chalicelib.texts import say
from local.inbox import Inbox
from tests.builders import Centre, Person, fresh_phone
from tests.conftest import Travel

CONSENT = {"consents": ["personal_data"]}
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(api: httpx.Client) -> Ask:
    """Asks for a code: `ask(phone, consents=[…])`."""

    def ask_(phone: str, **more: Any) -> httpx.Response:
        return api.post("/v1/auth/otp", json={"phone": phone, **more})

    return ask_


@pytest.fixture
def verify(api: httpx.Client) -> Ask:
    """Tries a code: `verify(challenge, code)`."""

    def verify_(challenge: httpx.Response, code: str, **more: Any) -> httpx.Response:
        path = f"/v1/auth/otp/{challenge.json()['challenge_id']}/verify"
        return api.post(path, json={"code": code, **more})

    return verify_


def code_in(inbox: Inbox, phone: str) -> str:
    """The code of the newest SMS: the only six digits in a row."""
    found = re.findall(r"\d{6}", inbox.sms(phone)[0].text)
    assert len(found) == 1
    return str(found[0])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_new_phone_becomes_a_client_with_a_kept_consent(
    ask: Ask, verify: Ask, inbox: Inbox
) -> None:
    phone = fresh_phone()
    challenge = ask(f"8{phone[2:]}", **CONSENT)

    session = verify(challenge, code_in(inbox, phone))

    assert challenge.status_code == 202
    assert challenge.json()["phone"] == f"+7 *** ***-{phone[-4:-2]}-{phone[-2:]}"
    assert challenge.json()["resend_after_seconds"] == 45
    assert challenge.json()["expires_in_seconds"] == 600
    assert session.status_code == 200
    assert session.json()["token_type"] == "Bearer"
    assert session.json()["expires_in_seconds"] == 900
    client = session.json()["client"]
    assert (client["phone"], client["registered"]) == (phone, False)
    kept = list(Consent.query(client["id"], Consent.item.startswith("consent#")))
    assert [(c.kind, c.given_at, c.channel) for c in kept] == [
        ("personal_data", clock.now(), "api")
    ]
    assert len(kept[0].text_sha256) == 64


def test_the_same_phone_signs_in_to_the_same_client(
    ask: Ask, verify: Ask, inbox: Inbox, travel: Travel
) -> None:
    phone = fresh_phone()
    first = verify(ask(phone, **CONSENT), code_in(inbox, phone)).json()["client"]
    travel.forward(seconds=45)

    again = verify(ask(phone), code_in(inbox, phone)).json()["client"]

    assert again == {**first, "registered": True}


def test_a_code_may_be_typed_with_spaces(ask: Ask, verify: Ask, inbox: Inbox) -> None:
    phone = fresh_phone()
    challenge = ask(phone, **CONSENT)
    code = code_in(inbox, phone)

    assert verify(challenge, f" {code[:3]} {code[3:]} ").status_code == 200


def test_a_sign_in_is_told_to_the_confirmed_address_and_the_first_one_to_nobody(
    ask: Ask,
    verify: Ask,
    inbox: Inbox,
    travel: Travel,
    drain: Callable[[], None],
    api: httpx.Client,
) -> None:
    phone, address = fresh_phone(), "sign-in-news@example.com"
    session = verify(ask(phone, **CONSENT), code_in(inbox, phone)).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    api.patch("/v1/me", headers=headers, json={"email": address})
    drain()
    token = re.findall(r"token=([\w-]{43})", inbox.mail(address)[0].text)[0]
    api.post("/v1/email-confirmations", json={"token": token})
    travel.forward(seconds=45)
    before = len(inbox.mail(address))

    verify(ask(phone), code_in(inbox, phone))
    drain()

    assert before == 1
    assert len(inbox.mail(address)) == 2
    assert "python-httpx" in inbox.mail(address)[0].text


def test_asking_costs_one_call_and_verifying_two(
    ask: Ask, verify: Ask, inbox: Inbox, travel: Travel, trips: list[str]
) -> None:
    phone = fresh_phone()

    for _ in ("unknown", "known"):
        trips.clear()
        challenge = ask(phone, **CONSENT)
        assert trips == ["TransactWriteItems"]
        trips.clear()
        assert verify(challenge, code_in(inbox, phone)).status_code == 200
        assert trips == ["UpdateItem", "TransactWriteItems"]
        travel.forward(seconds=45)


def test_known_and_unknown_phones_are_answered_alike(
    ask: Ask, verify: Ask, inbox: Inbox, travel: Travel
) -> None:
    known, unknown = fresh_phone(), fresh_phone()
    verify(ask(known, **CONSENT), code_in(inbox, known))
    travel.forward(seconds=45)

    answers = [ask(phone) for phone in (known, unknown)]

    assert {a.status_code for a in answers} == {202}
    shapes = [{k: v for k, v in a.json().items() if k.endswith("seconds")} for a in answers]
    assert shapes[0] == shapes[1]
    assert len({len(a.json()["challenge_id"]) for a in answers}) == 1


def test_without_consent_a_new_phone_is_refused_and_may_try_again(
    ask: Ask, verify: Ask, inbox: Inbox
) -> None:
    phone = fresh_phone()
    challenge = ask(phone)
    code = code_in(inbox, phone)

    refusals = [verify(challenge, code) for _ in range(7)]
    with_others = verify(challenge, code, consents=["marketing"])
    session = verify(challenge, code, consents=["personal_data", "terms"])

    assert {(r.status_code, r.json()["code"]) for r in refusals} == {(422, "consent_required")}
    assert with_others.json()["code"] == "consent_required"
    assert session.status_code == 200


def test_whoever_withdrew_the_consent_has_left_and_comes_back_by_giving_it_again(
    api: httpx.Client,
    ask: Ask,
    verify: Ask,
    inbox: Inbox,
    travel: Travel,
    centre: Centre,
) -> None:
    phone = fresh_phone()
    first = verify(ask(phone, **CONSENT), code_in(inbox, phone)).json()
    me = Person(phone=phone, client_id=first["client"]["id"]).holds(centre.account())
    api.put(
        "/v1/me/password",
        headers={"Authorization": f"Bearer {first['access_token']}"},
        json={"new_password": "Sosna7Bereza"},
    )
    travel.forward(seconds=45)

    left = [
        api.delete("/v1/me/consents/personal_data", headers=me.headers).status_code for _ in "12"
    ]
    refreshed = api.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    password = api.post("/v1/auth/password", json={"login": phone, "password": "Sosna7Bereza"})
    challenge = ask(phone)
    code = code_in(inbox, phone)
    refused = [verify(challenge, code) for _ in range(6)]
    again = verify(challenge, code, consents=["personal_data"])
    travel.forward(seconds=45)
    later = verify(ask(phone), code_in(inbox, phone))

    assert left == [204, 204]
    assert refreshed.status_code == 401
    assert (password.status_code, password.json()["code"]) == (422, "consent_required")
    assert {(r.status_code, r.json()["code"]) for r in refused} == {(422, "consent_required")}
    assert again.json()["client"] == {**first["client"], "registered": True}
    assert later.status_code == 200
    assert api.get("/v1/accounts", headers=me.headers).json()["items"] == []
    kept = list(Consent.query(me.client_id, Consent.item.startswith("consent#personal_data")))
    assert [consent.withdrawn_at is None for consent in kept] == [False, True]


def test_wrong_codes_are_counted_down_and_the_sixth_try_finds_nothing(
    ask: Ask, verify: Ask, inbox: Inbox
) -> None:
    phone = fresh_phone()
    challenge = ask(phone, **CONSENT)
    code = code_in(inbox, phone)

    answers = [verify(challenge, wrong(code)) for _ in range(5)]
    late = verify(challenge, code)

    assert [a.status_code for a in answers] == [422] * 5
    assert [a.json()["attempts_left"] for a in answers] == [4, 3, 2, 1, 0]
    assert {a.json()["code"] for a in answers} == {"otp_code_wrong"}
    assert (late.status_code, late.json()["code"]) == (410, "otp_challenge_gone")


def test_five_hundred_guesses_at_once_are_at_most_five_comparisons(
    ask: Ask, verify: Ask, inbox: Inbox
) -> None:
    phone = fresh_phone()
    challenge = ask(phone, **CONSENT)
    right = code_in(inbox, phone)
    guesses = [f"{n:06d}" for n in range(500) if f"{n:06d}" != right]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda guess: verify(challenge, guess).status_code, guesses))

    assert answers.count(422) == 5
    assert answers.count(410) == len(guesses) - 5


def test_a_right_code_works_once_however_many_send_it_at_once(
    ask: Ask, verify: Ask, inbox: Inbox
) -> None:
    phone = fresh_phone()
    challenge = ask(phone, **CONSENT)
    code = code_in(inbox, phone)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: verify(challenge, code).status_code, range(20)))

    assert answers.count(200) == 1
    assert answers.count(410) == 19


def test_a_code_dies_after_ten_minutes_and_with_the_next_one(
    ask: Ask, verify: Ask, inbox: Inbox, travel: Travel
) -> None:
    phone = fresh_phone()
    first = ask(phone, **CONSENT)
    first_code = code_in(inbox, phone)
    travel.forward(seconds=45)
    second = ask(phone, **CONSENT)

    replaced = verify(first, first_code)
    travel.forward(minutes=10)
    expired = verify(second, code_in(inbox, phone))

    assert (replaced.status_code, expired.status_code) == (410, 410)


def test_ten_wrong_tries_an_hour_over_all_challenges_then_429(
    ask: Ask, verify: Ask, inbox: Inbox, travel: Travel
) -> None:
    phone = fresh_phone()
    for _ in range(2):
        challenge = ask(phone, **CONSENT)
        for _ in range(5):
            assert verify(challenge, wrong(code_in(inbox, phone))).status_code == 422
        travel.forward(seconds=50)
    challenge = ask(phone, **CONSENT)

    refused = verify(challenge, code_in(inbox, phone))
    travel.forward(seconds=int(refused.headers["Retry-After"]))
    fresh = ask(phone, **CONSENT)
    session = verify(fresh, code_in(inbox, phone))

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert session.status_code == 200


def test_resends_wait_45_seconds_and_stop_at_five_an_hour_and_ten_a_day(
    ask: Ask, inbox: Inbox, travel: Travel
) -> None:
    phone = fresh_phone()
    sent = 0
    for hour in range(3):
        for _ in range(5):
            answer = ask(phone)
            sent += answer.status_code == 202
            assert ask(phone).status_code == 429
            travel.forward(seconds=45)
        answer = ask(phone)
        assert (answer.status_code, answer.json()["code"]) == (429, "otp_limit_reached")
        assert answer.json()["detail"] == say("ru", "otp_limit_reached") != "otp_limit_reached"
        travel.forward(hours=1)
        assert sent == min(5 * (hour + 1), 10)

    early = ask(fresh := fresh_phone()), ask(fresh)

    assert len(inbox.sms(phone)) == 10
    assert early[1].json()["code"] == "otp_resend_too_early"
    assert early[1].headers["Retry-After"] == "45"


def test_parallel_requests_send_one_sms(ask: Ask, inbox: Inbox) -> None:
    phone = fresh_phone()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ask(phone).status_code, range(20)))

    assert answers.count(202) == 1
    assert answers.count(429) == 19
    assert len(inbox.sms(phone)) == 1


@pytest.mark.parametrize(
    "challenge_id", ["ch_nothing", "x", "ch_" + "0" * 96, "ch_" + "g" * 96, "%00", "ы"]
)
def test_a_challenge_that_never_was_is_gone(api: httpx.Client, challenge_id: str) -> None:
    answer = api.post(f"/v1/auth/otp/{challenge_id}/verify", json={"code": "123456"})

    assert (answer.status_code, answer.json()["code"]) == (410, "otp_challenge_gone")


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+7 916 123", "phone_invalid"),
        ("", "phone_invalid"),
        ("номер", "phone_invalid"),
        ("+77001234567", "phone_region_not_allowed"),
        ("+12025550123", "phone_region_not_allowed"),
    ],
)
def test_a_phone_that_cannot_be_ours_is_refused_with_its_field(
    ask: Ask, phone: str, code: str
) -> None:
    answer = ask(phone)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("phone", code)]


def test_a_phone_that_the_provider_will_not_serve_is_answered_like_any_other(ask: Ask) -> None:
    answer = ask("+79165550001")

    assert answer.status_code == 202


def test_when_nothing_was_sent_for_sure_the_answer_is_try_again(
    ask: Ask, inbox: Inbox, travel: Travel
) -> None:
    down, unknown = ask("+79165550050"), ask("+79165550051")

    assert (down.status_code, down.json()["code"]) == (503, "try_again")
    assert down.headers["Retry-After"] == "45"
    assert unknown.status_code == 202
    assert len(inbox.sms("+79165550051")) == 1


def test_the_sms_speaks_the_language_asked_for(api: httpx.Client, inbox: Inbox) -> None:
    phone = fresh_phone()

    api.post("/v1/auth/otp", json={"phone": phone}, headers={"Accept-Language": "en"})

    assert "sign-in code" in inbox.sms(phone)[0].text
