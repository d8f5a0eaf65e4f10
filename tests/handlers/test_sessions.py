"""Sessions: rotation, lost answers, theft, devices, the whole way down."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chalicelib.services import tokens
from local.inbox import Inbox
from tests.builders import fresh_phone
from tests.conftest import Travel

Session = dict[str, Any]


@pytest.fixture
def sign_in(api: httpx.Client, inbox: Inbox, travel: Travel) -> Callable[..., Session]:
    """Signs in by a code: `sign_in(phone, agent=…)`; moves the clock past the resend time."""

    def sign_in_(phone: str | None = None, agent: str = "Mozilla/5.0 Firefox/130.0") -> Session:
        phone = phone or fresh_phone()
        asked = api.post("/v1/auth/otp", json={"phone": phone, "consents": ["personal_data"]})
        code = re.findall(r"\d{6}", inbox.sms(phone)[0].text)[0]
        travel.forward(seconds=45)
        answer = api.post(
            f"/v1/auth/otp/{asked.json()['challenge_id']}/verify",
            json={"code": code},
            headers={"User-Agent": agent},
        )
        session: Session = answer.json()
        return session

    return sign_in_


@pytest.fixture
def refresh(api: httpx.Client) -> Callable[[Session], httpx.Response]:
    def refresh_(session: Session) -> httpx.Response:
        return api.post("/v1/auth/refresh", json={"refresh_token": session["refresh_token"]})

    return refresh_


Refresh = Callable[[Session], httpx.Response]
SignIn = Callable[..., Session]


def bearer(session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


def test_a_refresh_rotates_the_token_for_one_call(
    sign_in: SignIn, refresh: Refresh, trips: list[str]
) -> None:
    session = sign_in()
    trips.clear()

    answer = refresh(session)

    assert answer.status_code == 200
    assert trips == ["UpdateItem"]
    assert answer.json()["refresh_token"] != session["refresh_token"]
    assert answer.json()["client"] == {**session["client"], "registered": True}


def test_a_lost_answer_is_given_again_for_a_minute(
    sign_in: SignIn, refresh: Refresh, travel: Travel
) -> None:
    session = sign_in()
    lost = refresh(session).json()
    travel.forward(seconds=60)

    again = refresh(session)

    assert again.status_code == 200
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert refresh(again.json()).status_code == 200


def test_a_token_used_again_after_a_minute_ends_its_family(
    sign_in: SignIn, refresh: Refresh, travel: Travel
) -> None:
    session = sign_in()
    successor = refresh(session).json()
    travel.forward(seconds=61)

    reused = refresh(session)

    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_invalid")
    assert refresh(successor).status_code == 401


def test_a_token_older_than_the_last_but_one_ends_its_family_at_once(
    sign_in: SignIn, refresh: Refresh
) -> None:
    session = sign_in()
    second = refresh(session).json()
    third = refresh(second).json()

    assert refresh(session).status_code == 401
    assert refresh(third).status_code == 401


def test_parallel_refreshes_agree_on_one_successor(sign_in: SignIn, refresh: Refresh) -> None:
    session = sign_in()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: refresh(session), range(40)))

    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["refresh_token"] for a in answers}) == 1


def test_a_session_ends_after_180_days_without_use(
    sign_in: SignIn, refresh: Refresh, travel: Travel
) -> None:
    session = sign_in()
    travel.forward(days=179, hours=23)
    renewed = refresh(session).json()
    travel.forward(days=180)

    assert refresh(renewed).status_code == 401


@pytest.mark.parametrize(
    "token", ["", ".", "x.y", "cnQ.00", "ы", "YQ==.", "a" * 400, "Y2xpXzA.0000"]
)
def test_what_is_no_refresh_token_is_refused(api: httpx.Client, token: str) -> None:
    answer = api.post("/v1/auth/refresh", json={"refresh_token": token})

    assert (answer.status_code, answer.json()["code"]) == (401, "refresh_token_invalid")


def test_a_changed_refresh_token_is_refused_without_touching_the_session(
    sign_in: SignIn, refresh: Refresh, trips: list[str]
) -> None:
    session = sign_in()
    body, mac = session["refresh_token"].split(".")
    forged = f"{body}.{'0' * len(mac)}"
    trips.clear()

    answer = refresh({"refresh_token": forged})

    assert answer.status_code == 401
    assert trips == []
    assert refresh(session).status_code == 200


def test_logging_out_ends_the_session_and_tells_nothing(
    api: httpx.Client, sign_in: SignIn, refresh: Refresh
) -> None:
    session = sign_in()

    answers = [
        api.post("/v1/auth/logout", json={"refresh_token": token}).status_code
        for token in (session["refresh_token"], session["refresh_token"], "nonsense")
    ]

    assert answers == [204, 204, 204]
    assert refresh(session).status_code == 401


def test_own_devices_are_listed_and_one_can_be_ended(
    api: httpx.Client, sign_in: SignIn, refresh: Refresh
) -> None:
    phone = fresh_phone()
    old = sign_in(phone, "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36")
    new = sign_in(phone, "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0")

    items = api.get("/v1/auth/sessions", headers=bearer(new)).json()["items"]
    ended = api.delete(f"/v1/auth/sessions/{items[1]['id']}", headers=bearer(new))

    assert [(i["device"], i["current"]) for i in items] == [
        ("Firefox, Linux", True),
        ("Chrome, Windows", False),
    ]
    assert ended.status_code == 204
    assert refresh(old).status_code == 401
    assert refresh(new).status_code == 200


def test_every_other_device_is_ended_at_once(
    api: httpx.Client, sign_in: SignIn, refresh: Refresh
) -> None:
    phone = fresh_phone()
    others = [sign_in(phone) for _ in range(2)]
    present, stranger = sign_in(phone), sign_in()

    ended = [api.delete("/v1/auth/sessions", headers=bearer(present)) for _ in range(2)]

    assert [answer.status_code for answer in ended] == [204, 204]
    assert [refresh(session).status_code for session in others] == [401, 401]
    assert [refresh(session).status_code for session in (present, stranger)] == [200, 200]


def test_a_session_that_is_over_is_no_device_any_more(
    api: httpx.Client, sign_in: SignIn, travel: Travel
) -> None:
    phone = fresh_phone()
    sign_in(phone)
    travel.forward(days=180)
    new = sign_in(phone)

    devices = api.get("/v1/auth/sessions", headers=bearer(new)).json()["items"]

    assert [device["current"] for device in devices] == [True]


def test_another_clients_session_is_not_found(
    api: httpx.Client, sign_in: SignIn, refresh: Refresh
) -> None:
    mine, theirs = sign_in(), sign_in()
    their_id = api.get("/v1/auth/sessions", headers=bearer(theirs)).json()["items"][0]["id"]

    answers = [
        api.delete(f"/v1/auth/sessions/{each}", headers=bearer(mine)).status_code
        for each in (their_id, "ses_" + "0" * 32, "profile", "%23")
    ]

    assert answers == [404, 404, 404, 404]
    assert refresh(theirs).status_code == 200


def test_an_access_token_lives_fifteen_minutes(
    api: httpx.Client, sign_in: SignIn, travel: Travel
) -> None:
    session = sign_in()
    travel.forward(minutes=15)

    answer = api.get("/v1/auth/sessions", headers=bearer(session))

    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_a_token_of_another_purpose_is_no_access_token(
    api: httpx.Client, sign_in: SignIn, travel: Travel
) -> None:
    from datetime import timedelta

    session = sign_in()
    proof = tokens.issue(
        tokens.Purpose.PROOF,
        session["client"]["id"],
        travel.now(),
        timedelta(minutes=5),
        sid="ses_x",
    )

    for token in (proof, session["refresh_token"]):
        answer = api.get("/v1/auth/sessions", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
