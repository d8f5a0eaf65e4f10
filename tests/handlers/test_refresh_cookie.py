"""The refresh token of a browser: in a cookie that no script reads, for our own pages alone."""

import re
from http.cookies import SimpleCookie

import httpx
import pytest

from local.inbox import Inbox
from tests.builders import fresh_phone

COOKIE = {"X-Refresh-Token": "cookie"}
NAME = "__Secure-lkk-refresh"


@pytest.fixture
def signed_in(api: httpx.Client, inbox: Inbox) -> httpx.Response:
    phone = fresh_phone()
    asked = api.post("/v1/auth/otp", json={"phone": phone, "consents": ["personal_data"]})
    code = re.findall(r"\d{6}", inbox.sms(phone)[0].text)[0]
    answer = api.post(
        f"/v1/auth/otp/{asked.json()['challenge_id']}/verify", json={"code": code}, headers=COOKIE
    )
    api.cookies.clear()
    return answer


def sent(answer: httpx.Response) -> dict[str, str]:
    """The headers with which the browser would send the cookie of `answer` back."""
    return {**COOKIE, "Cookie": f"{NAME}={SimpleCookie(answer.headers['set-cookie'])[NAME].value}"}


def test_no_script_can_read_the_token(signed_in: httpx.Response) -> None:
    cookie = signed_in.headers["set-cookie"]

    assert signed_in.json()["refresh_token"] is None
    for part in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/v1/auth"):
        assert part in cookie.split("; ")


def test_the_cookie_is_enough_to_go_on(api: httpx.Client, signed_in: httpx.Response) -> None:
    again = api.post("/v1/auth/refresh", json={}, headers=sent(signed_in))

    assert again.status_code == 200
    assert again.json()["refresh_token"] is None
    assert sent(again) != sent(signed_in)


def test_a_session_cookie_goes_with_the_browser_and_stays_one(
    api: httpx.Client, signed_in: httpx.Response
) -> None:
    assert "Max-Age=15552000" in signed_in.headers["set-cookie"]

    headers = {**sent(signed_in), "X-Refresh-Token": "session-cookie"}
    again = api.post("/v1/auth/refresh", json={}, headers=headers)

    assert again.status_code == 200
    assert again.json()["refresh_token"] is None
    assert not re.search("max-age|expires", again.headers["set-cookie"], re.IGNORECASE)


def test_leaving_ends_the_session_and_the_cookie(
    api: httpx.Client, signed_in: httpx.Response
) -> None:
    left = api.post("/v1/auth/logout", json={}, headers=sent(signed_in))

    assert left.status_code == 204
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert api.post("/v1/auth/refresh", json={}, headers=sent(signed_in)).status_code == 401


def test_a_page_of_another_origin_is_refused(api: httpx.Client, signed_in: httpx.Response) -> None:
    headers = {**sent(signed_in), "Origin": "https://elsewhere.example"}

    answer = api.post("/v1/auth/refresh", json={}, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["code"] == "origin_not_allowed"


def test_a_cookie_without_the_header_counts_for_nothing(
    api: httpx.Client, signed_in: httpx.Response
) -> None:
    headers = sent(signed_in)
    del headers["X-Refresh-Token"]

    answer = api.post("/v1/auth/refresh", json={}, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "refresh_token"


def test_without_a_cookie_one_has_to_sign_in(api: httpx.Client) -> None:
    assert api.post("/v1/auth/refresh", json={}, headers=COOKIE).status_code == 401
