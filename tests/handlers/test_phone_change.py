"""Moving to another phone, the whole way down."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.inbox import Inbox
from tests.builders import fresh_phone
from tests.conftest import Travel

Session = dict[str, Any]
SignIn = Callable[[str], Session]


def code_in(inbox: Inbox, phone: str) -> str:
    return str(re.findall(r"\d{6}", inbox.sms(phone)[0].text)[0])


def bearer(session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


def refreshed(api: httpx.Client, session: Session) -> int:
    token = session["refresh_token"]
    return api.post("/v1/auth/refresh", json={"refresh_token": token}).status_code


@pytest.fixture
def sign_in(api: httpx.Client, inbox: Inbox, travel: Travel) -> SignIn:
    def sign_in_(phone: str) -> Session:
        asked = api.post("/v1/auth/otp", json={"phone": phone, "consents": ["personal_data"]})
        path = f"/v1/auth/otp/{asked.json()['challenge_id']}/verify"
        session: Session = api.post(path, json={"code": code_in(inbox, phone)}).json()
        travel.forward(seconds=45)
        return session

    return sign_in_


def ask(api: httpx.Client, session: Session, phone: str, **more: str) -> httpx.Response:
    return api.post("/v1/me/phone", headers=bearer(session), json={"phone": phone, **more})


def prove(api: httpx.Client, session: Session, asked: httpx.Response, code: str) -> httpx.Response:
    body = {"challenge_id": asked.json()["challenge_id"], "code": code}
    return api.post("/v1/me/phone/verify", headers=bearer(session), json=body)


def test_a_client_moves_to_another_phone(
    api: httpx.Client,
    sign_in: SignIn,
    inbox: Inbox,
    drain: Callable[[], None],
    travel: Travel,
) -> None:
    old, new = fresh_phone(), fresh_phone()
    other, mine = sign_in(old), sign_in(old)

    asked = ask(api, mine, new)
    moved = prove(api, mine, asked, code_in(inbox, new))
    drain()

    assert asked.status_code == 202
    assert (moved.status_code, moved.json()["phone"]) == (200, new)
    assert (refreshed(api, other), refreshed(api, mine)) == (401, 200)
    notice = inbox.sms(old)[0].text
    assert new not in notice
    assert f"{new[-4:-2]}-{new[-2:]}" in notice
    travel.forward(seconds=45)
    assert sign_in(new)["client"]["id"] == mine["client"]["id"]
    assert sign_in(old)["client"]["id"] != mine["client"]["id"]


def test_it_needs_a_fresh_code_or_the_password(
    api: httpx.Client, sign_in: SignIn, travel: Travel
) -> None:
    session = sign_in(fresh_phone())
    password = {"new_password": "Sosna7Bereza"}
    api.put("/v1/me/password", headers=bearer(session), json=password)
    travel.forward(minutes=10)

    late = ask(api, session, fresh_phone())
    wrong = ask(api, session, fresh_phone(), current_password="Bereza7Sosna")
    right = ask(api, session, fresh_phone(), current_password="Sosna7Bereza")

    assert (late.status_code, late.json()["code"]) == (403, "fresh_code_required")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "password_wrong")
    assert right.status_code == 202


def test_a_phone_that_is_taken_says_so_only_to_its_holder(
    api: httpx.Client, sign_in: SignIn, inbox: Inbox
) -> None:
    taken = fresh_phone()
    theirs, mine = sign_in(taken), sign_in(fresh_phone())

    asked = ask(api, mine, taken)
    refused = prove(api, mine, asked, code_in(inbox, taken))

    assert asked.status_code == 202
    assert (refused.status_code, refused.json()["code"]) == (409, "phone_taken")
    assert refreshed(api, theirs) == 200


def test_a_code_for_a_new_phone_opens_no_session_and_serves_no_other_client(
    api: httpx.Client, sign_in: SignIn, inbox: Inbox
) -> None:
    new = fresh_phone()
    mine, theirs = sign_in(fresh_phone()), sign_in(fresh_phone())
    asked = ask(api, mine, new)
    code = code_in(inbox, new)

    as_sign_in = api.post(
        f"/v1/auth/otp/{asked.json()['challenge_id']}/verify",
        json={"code": code, "consents": ["personal_data"]},
    )
    by_another = prove(api, theirs, asked, code)

    assert (as_sign_in.status_code, by_another.status_code) == (410, 410)
    assert prove(api, mine, asked, code).status_code == 200


def test_a_sign_in_code_moves_nobody(api: httpx.Client, sign_in: SignIn, inbox: Inbox) -> None:
    new, mine = fresh_phone(), sign_in(fresh_phone())
    asked = api.post("/v1/auth/otp", json={"phone": new})

    assert prove(api, mine, asked, code_in(inbox, new)).status_code == 410


def test_wrong_codes_count_as_at_sign_in(api: httpx.Client, sign_in: SignIn, inbox: Inbox) -> None:
    new, mine = fresh_phone(), sign_in(fresh_phone())
    asked = ask(api, mine, new)
    wrong = f"{(int(code_in(inbox, new)) + 1) % 1_000_000:06d}"

    answers = [prove(api, mine, asked, wrong) for _ in range(6)]

    assert [a.status_code for a in answers] == [422] * 5 + [410]
    assert [a.json().get("attempts_left") for a in answers] == [4, 3, 2, 1, 0, None]


def test_the_new_phone_may_be_asked_for_again_after_45_seconds(
    api: httpx.Client, sign_in: SignIn
) -> None:
    new, mine = fresh_phone(), sign_in(fresh_phone())
    ask(api, mine, new)

    again = ask(api, mine, new)

    assert (again.status_code, again.json()["code"]) == (429, "otp_resend_too_early")
