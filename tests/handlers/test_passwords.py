"""Passwords: set, changed, tried, locked, the whole way down."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chalicelib.config import settings
from chalicelib.models.login import Login
from chalicelib.models.session import Session, session_item
from chalicelib.services import clients, otp, passwords
from local.inbox import Inbox
from tests.builders import Person, fresh_from_code, fresh_phone
from tests.conftest import Travel

GOOD, BETTER = "Пример4капли", "Sosna7Bereza"
People = Callable[..., Person]
SignIn = Callable[[str, str], httpx.Response]


@pytest.fixture
def resident(person: People) -> People:
    """A client who can sign in: `resident(password=…, email=…)` owns phone and e-mail."""

    def make(password: str | None = GOOD, email: str | None = None, **profile: Any) -> Person:
        hashed = passwords.hashed(password) if password else None
        confirmed = email is not None and profile.pop("email_confirmed", True)
        made = person(password_hash=hashed, email=email, email_confirmed=confirmed, **profile)
        owner = Login.claim(made.client_id)
        Login(otp.phone_login(made.phone)).update(owner)
        if email is not None:
            address = Login(clients.email_login(email))
            address.update(owner if confirmed else [Login.pending.set(made.client_id)])
        return made

    return make


@pytest.fixture
def sign_in(api: httpx.Client) -> SignIn:
    def sign_in_(login: str, password: str) -> httpx.Response:
        return api.post("/v1/auth/password", json={"login": login, "password": password})

    return sign_in_


def put_password(api: httpx.Client, headers: dict[str, str], **body: str) -> httpx.Response:
    return api.put("/v1/me/password", headers=headers, json=body)


def test_a_password_opens_a_session_by_phone_and_by_confirmed_email(
    resident: People, sign_in: SignIn
) -> None:
    someone = resident(email="first@example.com")
    local = f"8 ({someone.phone[2:5]}) {someone.phone[5:8]}-{someone.phone[8:]}"

    answers = [sign_in(login, GOOD) for login in (someone.phone, local, "First@Example.com ")]

    assert [a.status_code for a in answers] == [200] * 3
    assert {a.json()["client"]["id"] for a in answers} == {someone.client_id}


def test_wrong_absent_and_nonsense_are_one_answer_at_one_price(
    resident: People, sign_in: SignIn, trips: list[str]
) -> None:
    someone, without = resident(email="second@example.com"), resident(password=None)
    seen = set()

    for login in (
        someone.phone,
        "second@example.com",
        without.phone,
        fresh_phone(),
        "nobody@example.com",
        "+1 (202) 555-01-23",
        "what?",
    ):
        trips.clear()
        answer = sign_in(login, BETTER)
        seen.add((answer.status_code, answer.text, tuple(trips)))

    assert len(seen) == 1
    status, body, calls = seen.pop()
    assert status == 401
    assert '"login_or_password_wrong"' in body
    assert calls == ("GetItem", "UpdateItem", "GetItem")


@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_passwords_lock_for_five_minutes(
    resident: People, sign_in: SignIn, travel: Travel, known: bool
) -> None:
    phone = resident().phone if known else fresh_phone()
    wrong = [sign_in(phone, BETTER).status_code for _ in range(5)]

    locked = sign_in(phone, GOOD)
    travel.forward(seconds=299)
    still = sign_in(phone, GOOD)
    travel.forward(seconds=1)
    after = sign_in(phone, GOOD)

    assert wrong == [401] * 5
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
    assert locked.headers["Retry-After"] == "300"
    assert (still.status_code, still.headers["Retry-After"]) == (429, "1")
    assert after.status_code == (200 if known else 401)


def test_a_series_of_wrong_passwords_ends_after_five_quiet_minutes(
    resident: People, sign_in: SignIn, travel: Travel
) -> None:
    someone = resident()
    for _ in range(4):
        sign_in(someone.phone, "Wrong1x")
    travel.forward(minutes=5)

    answers = [sign_in(someone.phone, "Wrong1x").status_code for _ in range(6)]

    assert answers == [401] * 5 + [429]


def test_phone_and_email_of_one_person_share_the_count(resident: People, sign_in: SignIn) -> None:
    someone = resident(email="third@example.com")
    for login in (someone.phone, "third@example.com") * 2:
        sign_in(login, BETTER)
    sign_in(someone.phone, BETTER)

    assert sign_in("third@example.com", GOOD).status_code == 429


def test_the_right_password_begins_a_new_count(resident: People, sign_in: SignIn) -> None:
    phone = resident().phone
    for _ in range(3):
        assert [sign_in(phone, BETTER).status_code for _ in range(4)] == [401] * 4

        assert sign_in(phone, GOOD).status_code == 200


def test_many_wrong_passwords_at_once_are_five_comparisons(
    resident: People, sign_in: SignIn
) -> None:
    phone = resident().phone

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: sign_in(phone, BETTER).status_code, range(60)))

    assert (answers.count(401), answers.count(429)) == (5, 55)


def test_an_unconfirmed_address_is_told_so_only_with_the_right_password(
    resident: People, sign_in: SignIn, inbox: Inbox, drain: Callable[[], None]
) -> None:
    resident(email="fourth@example.com", email_confirmed=False)

    wrong, right = (
        sign_in("fourth@example.com", BETTER),
        sign_in("fourth@example.com", GOOD),
    )
    drain()

    assert wrong.json()["code"] == "login_or_password_wrong"
    assert (right.status_code, right.json()["code"]) == (403, "email_not_confirmed")
    assert len(inbox.mail("fourth@example.com")) == 1


def test_the_first_password_needs_a_fresh_code(
    api: httpx.Client, resident: People, sign_in: SignIn, travel: Travel
) -> None:
    someone = resident(password=None)
    coded_at = travel.now()

    without = put_password(api, someone.headers, new_password=BETTER)
    travel.forward(minutes=10)
    fresh = put_password(api, fresh_from_code(someone, coded_at), new_password=BETTER)
    travel.forward(seconds=1)
    late = put_password(api, fresh_from_code(someone, coded_at), new_password=GOOD)

    assert (without.status_code, without.json()["code"]) == (403, "fresh_code_required")
    assert fresh.status_code == 204
    assert late.status_code == 403
    assert sign_in(someone.phone, BETTER).status_code == 200


def test_a_fresh_code_of_an_ended_session_changes_nothing(
    api: httpx.Client, resident: People, sign_in: SignIn, travel: Travel
) -> None:
    someone = resident()
    headers = fresh_from_code(someone, travel.now())
    Session(someone.client_id, session_item(someone.session_id)).delete()

    password = put_password(api, headers, new_password=BETTER)
    phone = api.post("/v1/me/phone", headers=headers, json={"phone": fresh_phone()})

    assert (password.status_code, password.json()["code"]) == (403, "fresh_code_required")
    assert (phone.status_code, phone.json()["code"]) == (403, "fresh_code_required")
    assert sign_in(someone.phone, GOOD).status_code == 200


def test_a_changed_password_ends_the_other_sessions(
    api: httpx.Client, resident: People, sign_in: SignIn
) -> None:
    someone = resident()
    mine, other = (sign_in(someone.phone, GOOD).json() for _ in range(2))
    headers = {"Authorization": f"Bearer {mine['access_token']}"}

    changed = put_password(api, headers, new_password=BETTER, current_password=GOOD)

    def refresh(session: dict[str, str]) -> int:
        token = session["refresh_token"]
        return api.post("/v1/auth/refresh", json={"refresh_token": token}).status_code

    assert changed.status_code == 204
    assert (refresh(mine), refresh(other)) == (200, 401)
    assert sign_in(someone.phone, GOOD).status_code == 401
    assert sign_in(someone.phone, BETTER).status_code == 200


def test_a_wrong_current_password_is_marked_and_counted(
    api: httpx.Client, resident: People
) -> None:
    someone = resident()

    answers = [
        put_password(api, someone.headers, new_password=BETTER, current_password="Wrong1x")
        for _ in range(6)
    ]

    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert answers[0].json()["errors"][0]["field"] == "current_password"
    assert answers[0].json()["errors"][0]["code"] == "password_wrong"


@pytest.mark.parametrize(
    ("policy", "length", "letters_only"), [("resident", 6, True), ("strong", 12, False)]
)
def test_the_policy_in_force_is_told_to_anybody(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch, policy: str, length: int, letters_only: bool
) -> None:
    configured = settings().model_copy(update={"PASSWORD_POLICY": policy})
    monkeypatch.setattr("chalicelib.services.passwords.settings", lambda: configured)

    told = api.get("/v1/password-policy")

    assert (told.status_code, told.json()) == (
        200,
        {
            "minimum_length": length,
            "letters_and_digits_only": letters_only,
            "no_repeated_digits": letters_only,
        },
    )


def test_a_password_that_breaks_rules_names_each(api: httpx.Client, resident: People) -> None:
    someone = resident()

    answer = put_password(api, someone.headers, new_password="a-11", current_password=GOOD)

    assert (answer.status_code, answer.json()["code"]) == (422, "password_policy")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("new_password", "password_too_short"),
        ("new_password", "password_characters"),
        ("new_password", "password_repeated_digits"),
    ]


@pytest.mark.parametrize(("typed", "rule"), [("", "password_too_short"), ("ab1" * 100, "too_long")])
def test_its_length_is_a_rule_like_the_others(
    api: httpx.Client, resident: People, typed: str, rule: str
) -> None:
    someone = resident()

    answer = put_password(api, someone.headers, new_password=typed, current_password=GOOD)

    assert answer.json()["code"] == "password_policy"
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("new_password", rule)]


def test_a_new_password_ends_the_links_that_would_set_another(
    api: httpx.Client, resident: People, inbox: Inbox, drain: Callable[[], None]
) -> None:
    someone = resident(email="ends-links@example.com")
    api.post("/v1/password-resets", json={"email": "ends-links@example.com"})
    drain()
    found = re.search(r"token=([\w-]{43})\b", inbox.mail("ends-links@example.com")[0].text)
    assert found is not None
    put_password(api, someone.headers, new_password=BETTER, current_password=GOOD)

    late = api.post(
        "/v1/password-resets/confirm", json={"token": found[1], "new_password": "Klen5Osina"}
    )

    assert (late.status_code, late.json()["code"]) == (410, "link_gone")


def test_many_sessions_end_with_a_password(
    api: httpx.Client, resident: People, travel: Travel
) -> None:
    someone = resident()
    with Session.batch_write() as batch:
        for number in range(100):
            batch.save(
                Session(
                    someone.client_id,
                    session_item(f"ses_{number:032x}"),
                    expires_at=int(travel.now().timestamp()) + 1000,
                    phone=someone.phone,
                    created_at=travel.now(),
                    last_used_at=travel.now(),
                )
            )

    put_password(api, someone.headers, new_password=BETTER, current_password=GOOD)

    assert api.get("/v1/auth/sessions", headers=someone.headers).json()["items"] == []
