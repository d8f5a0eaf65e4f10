"""E-mail addresses and forgotten passwords: letters with links, the whole way down."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest

from chalicelib.models.client import PROFILE, Client
from chalicelib.services import passwords
from local.inbox import Inbox
from tests.builders import Person, fresh_from_code
from tests.conftest import Travel
from tests.paying import between_calls

People = Callable[..., Person]
Drain = Callable[[], None]
Letters = Callable[[str], str]
PASSWORD = "Sosna7Bereza"


@pytest.fixture
def token_in(inbox: Inbox, drain: Drain) -> Letters:
    """The token of the newest letter to an address."""

    def token_in_(address: str) -> str:
        drain()
        found = re.search(r"[?&]token=([\w-]{43})\b", inbox.mail(address)[0].text)
        assert found is not None
        return found[1]

    return token_in_


def name(api: httpx.Client, someone: Person, email: str | None, **more: str) -> httpx.Response:
    return api.patch("/v1/me", headers=someone.headers, json={"email": email, **more})


def name_freshly(
    api: httpx.Client, someone: Person, email: str | None, at: datetime
) -> httpx.Response:
    """Name an address in a session that an SMS code opened at `at`."""
    headers = fresh_from_code(someone, at)
    return api.patch("/v1/me", headers=headers, json={"email": email})


def confirm(api: httpx.Client, token: str) -> httpx.Response:
    return api.post("/v1/email-confirmations", json={"token": token})


def own(api: httpx.Client, someone: Person, email: str, token_in: Letters) -> None:
    """`someone` names and confirms an address."""
    assert name(api, someone, email).status_code == 200
    assert confirm(api, token_in(email)).status_code == 200


def test_a_link_confirms_an_address_once(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    named = name(api, someone, "e1@example.com")
    token = token_in("e1@example.com")

    first, second = confirm(api, token), confirm(api, token)

    assert named.json()["email"] == "e1@example.com"
    assert named.json()["email_confirmed"] is False
    assert (first.status_code, second.status_code) == (200, 410)
    assert second.json()["code"] == "link_gone"
    assert api.get("/v1/me", headers=someone.headers).json()["email_confirmed"] is True


def test_the_link_leads_to_the_cabinet_and_lives_sixty_hours(
    api: httpx.Client, person: People, inbox: Inbox, token_in: Letters, travel: Travel
) -> None:
    name(api, person(), "e2@example.com")
    token = token_in("e2@example.com")
    travel.forward(hours=60)

    answer = confirm(api, token)

    assert f"/confirm-email?token={token}" in inbox.mail("e2@example.com")[0].text
    assert answer.status_code == 410


def test_one_link_used_by_many_at_once_works_once(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    name(api, person(), "e3@example.com")
    token = token_in("e3@example.com")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: confirm(api, token).status_code, range(10)))

    assert answers.count(200) == 1
    assert set(answers) <= {200, 410}


def test_a_link_for_an_address_that_was_changed_meanwhile_is_gone(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    name(api, someone, "e4@example.com")
    token = token_in("e4@example.com")
    name(api, someone, "e5@example.com")

    assert confirm(api, token).status_code == 410


def test_an_address_is_one_clients_and_free_again_when_given_up(
    api: httpx.Client, person: People, token_in: Letters, travel: Travel
) -> None:
    first, second = person(), person()
    own(api, first, "e6@example.com", token_in)
    assert name(api, second, "E6@Example.com").status_code == 200
    token = token_in("E6@example.com")

    taken = confirm(api, token)
    assert name_freshly(api, first, None, travel.now()).status_code == 200
    freed = confirm(api, token)

    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    assert freed.status_code == 200


def test_a_new_address_is_as_unconfirmed_as_the_first(
    api: httpx.Client,
    person: People,
    inbox: Inbox,
    drain: Drain,
    token_in: Letters,
    travel: Travel,
) -> None:
    someone = person()
    own(api, someone, "e20@example.com", token_in)

    named = name_freshly(api, someone, "e21@example.com", travel.now())
    drain()
    before = len(inbox.mail("e21@example.com"))
    api.post("/v1/password-resets", json={"email": "e21@example.com"})
    api.post("/v1/password-resets", json={"email": "e20@example.com"})
    drain()

    for answer in (named, api.get("/v1/me", headers=someone.headers)):
        assert answer.json()["email"] == "e21@example.com"
        assert answer.json()["email_confirmed"] is False
    assert len(inbox.mail("e21@example.com")) == before
    subjects = [letter.subject for letter in inbox.mail("e20@example.com")]
    assert subjects == ["Адрес почты изменён", "Подтвердите адрес почты"]


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ("e40@example.com", "e41@example.com"),
        ("e42@example.com", "E42@example.com"),
        ("e43@example.com", None),
    ],
)
def test_a_confirmed_address_is_changed_only_by_who_shows_who_they_are(
    api: httpx.Client,
    person: People,
    token_in: Letters,
    travel: Travel,
    mine: str,
    other: str | None,
) -> None:
    someone = person(password_hash=passwords.hashed(PASSWORD))
    own(api, someone, mine, token_in)

    without = name(api, someone, other)
    wrong = name(api, someone, other, current_password="Bereza7Sosna")
    late = name_freshly(api, someone, other, travel.now() - timedelta(minutes=11))
    before = api.get("/v1/me", headers=someone.headers).json()
    right = name(api, someone, other, current_password=PASSWORD)

    for refused in (without, late):
        assert (refused.status_code, refused.json()["code"]) == (403, "fresh_code_required")
    assert wrong.status_code == 422
    assert [(e["field"], e["code"]) for e in wrong.json()["errors"]] == [
        ("current_password", "password_wrong")
    ]
    assert (before["email"], before["email_confirmed"]) == (mine, True)
    assert right.status_code == 200
    assert (right.json()["email"], right.json()["email_confirmed"]) == (other, False)


def test_guesses_of_the_password_at_the_profile_are_five(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person(password_hash=passwords.hashed(PASSWORD))
    own(api, someone, "e32@example.com", token_in)

    answers = [
        name(api, someone, None, current_password=f"Bereza7Sosna{n}").status_code for n in range(6)
    ]

    assert answers == [422] * 5 + [429]


def test_the_right_password_at_the_profile_begins_a_new_count(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person(password_hash=passwords.hashed(PASSWORD))
    own(api, someone, "e33@example.com", token_in)
    for n in range(4):
        name(api, someone, None, current_password=f"Bereza7Sosna{n}")
    assert name(api, someone, "e34@example.com", current_password=PASSWORD).status_code == 200
    confirm(api, token_in("e34@example.com"))

    answers = [name(api, someone, None, current_password="Bereza7Sosna") for _ in range(5)]

    assert [a.status_code for a in answers] == [422] * 5


def test_the_rest_of_the_profile_needs_no_proof(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    own(api, someone, "e35@example.com", token_in)

    changed = api.patch(
        "/v1/me", headers=someone.headers, json={"email": "e35@example.com", "first_name": "Анна"}
    )

    assert (changed.status_code, changed.json()["first_name"]) == (200, "Анна")
    assert changed.json()["email_confirmed"] is True


def test_an_address_that_is_confirmed_meanwhile_is_not_replaced_without_proof(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    name(api, someone, "e36@example.com")
    token = token_in("e36@example.com")

    def confirmed() -> None:
        assert confirm(api, token).status_code == 200

    with between_calls(2, confirmed):  # it was read as unconfirmed
        answer = name(api, someone, "e37@example.com")

    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_code_required")
    assert api.get("/v1/me", headers=someone.headers).json()["email"] == "e36@example.com"


def test_an_address_that_mail_never_reached_is_not_written_to(
    api: httpx.Client,
    person: People,
    token_in: Letters,
    inbox: Inbox,
    drain: Drain,
    travel: Travel,
) -> None:
    someone = person()
    own(api, someone, "e38@example.com", token_in)
    profile = Client.get(someone.client_id, PROFILE)
    profile.update([Client.email_stopped.set("bounce")])

    name_freshly(api, someone, None, travel.now())
    drain()

    assert len(inbox.mail("e38@example.com")) == 1


def test_an_address_named_once_and_left_signs_nobody_in(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person(password_hash=passwords.hashed("Пример4капли"))
    name(api, someone, "e22@example.com")
    own(api, someone, "e23@example.com", token_in)

    left, own_one = (
        api.post("/v1/auth/password", json={"login": login, "password": "Пример4капли"})
        for login in ("e22@example.com", "e23@example.com")
    )

    assert (left.status_code, left.json()["code"]) == (401, "login_or_password_wrong")
    assert own_one.status_code == 200


def test_a_reset_link_of_an_address_that_is_to_be_confirmed_anew_is_gone(
    api: httpx.Client, person: People, token_in: Letters, travel: Travel
) -> None:
    someone = person()
    own(api, someone, "e24@example.com", token_in)
    api.post("/v1/password-resets", json={"email": "e24@example.com"})
    token = token_in("e24@example.com")
    name_freshly(api, someone, "E24@example.com", travel.now())

    answer = api.post(
        "/v1/password-resets/confirm", json={"token": token, "new_password": "Sosna7Bereza"}
    )

    assert (answer.status_code, answer.json()["code"]) == (410, "link_gone")


def test_the_letter_can_be_asked_for_again_until_it_is_confirmed(
    api: httpx.Client, person: People, inbox: Inbox, token_in: Letters
) -> None:
    someone = person()
    path = "/v1/me/email/confirmation"
    absent = api.post(path, headers=someone.headers)
    name(api, someone, "e7@example.com")

    again = api.post(path, headers=someone.headers)
    token = token_in("e7@example.com")
    sent = len(inbox.mail("e7@example.com"))
    confirm(api, token)
    needless = api.post(path, headers=someone.headers)

    assert (absent.status_code, absent.json()["code"]) == (409, "email_absent")
    assert (again.status_code, sent) == (202, 2)
    assert (needless.status_code, needless.json()["code"]) == (409, "email_confirmed_already")


def test_five_letters_an_hour_to_one_address_whoever_asks(
    api: httpx.Client, person: People, inbox: Inbox, drain: Drain, travel: Travel
) -> None:
    answers = [name(api, person(), "e8@example.com").status_code for _ in range(6)]
    drain()
    sent = len(inbox.mail("e8@example.com"))
    travel.forward(hours=1)

    assert answers == [200] * 5 + [429]
    assert sent == 5
    assert name(api, person(), "e8@example.com").status_code == 200


def test_a_reset_link_sets_a_password_once_and_ends_every_session(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    own(api, someone, "e9@example.com", token_in)

    asked = api.post("/v1/password-resets", json={"email": "E9@example.com"})
    token = token_in("e9@example.com")
    body = {"token": token, "new_password": PASSWORD}
    answers = [api.post("/v1/password-resets/confirm", json=body).status_code for _ in range(2)]
    signed_in = api.post(
        "/v1/auth/password", json={"login": "e9@example.com", "password": PASSWORD}
    )

    assert asked.status_code == 202
    assert answers == [204, 410]
    assert signed_in.status_code == 200


def test_only_the_newest_link_sets_a_password_and_none_after_it(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    own(api, someone, "e39@example.com", token_in)
    tokens = []
    for _ in range(3):
        api.post("/v1/password-resets", json={"email": "e39@example.com"})
        tokens.append(token_in("e39@example.com"))

    answers = [
        api.post("/v1/password-resets/confirm", json={"token": token, "new_password": PASSWORD})
        for token in (*tokens, *tokens)
    ]

    assert [a.status_code for a in answers] == [410, 410, 204, 410, 410, 410]
    assert {a.json()["code"] for a in answers if a.status_code == 410} == {"link_gone"}


def test_a_refused_password_leaves_the_link_good(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    own(api, someone, "e10@example.com", token_in)
    api.post("/v1/password-resets", json={"email": "e10@example.com"})
    token = token_in("e10@example.com")

    weak = {"token": token, "new_password": "qwerty1"}
    refused = api.post("/v1/password-resets/confirm", json=weak)
    taken = api.post("/v1/password-resets/confirm", json={"token": token, "new_password": PASSWORD})

    assert (refused.status_code, refused.json()["code"]) == (422, "password_policy")
    assert [e["code"] for e in refused.json()["errors"]] == ["password_common"]
    assert taken.status_code == 204


def test_nobody_learns_whether_an_address_is_known(
    api: httpx.Client,
    person: People,
    inbox: Inbox,
    drain: Drain,
    token_in: Letters,
    trips: list[str],
) -> None:
    own(api, person(), "e11@example.com", token_in)
    name(api, person(), "e12@example.com")
    drain()
    before = len(inbox.mail("e12@example.com"))
    seen = set()

    for address in ("e11@example.com", "e12@example.com", "e13@example.com"):
        trips.clear()
        answer = api.post("/v1/password-resets", json={"email": address})
        seen.add((answer.status_code, answer.text, tuple(trips)))
    drain()

    assert seen == {(202, "", ("UpdateItem", "TransactWriteItems"))}
    assert len(inbox.mail("e12@example.com")) == before
    assert inbox.mail("e13@example.com") == []


def test_resets_beyond_the_limit_are_answered_alike_and_send_nothing(
    api: httpx.Client, person: People, inbox: Inbox, drain: Drain, token_in: Letters
) -> None:
    own(api, person(), "e14@example.com", token_in)

    answers = [
        api.post("/v1/password-resets", json={"email": "e14@example.com"}).status_code
        for _ in range(7)
    ]
    drain()

    assert answers == [202] * 7
    assert len(inbox.mail("e14@example.com")) == 5


def test_a_link_of_one_purpose_is_good_for_no_other(
    api: httpx.Client, person: People, token_in: Letters
) -> None:
    someone = person()
    name(api, someone, "e15@example.com")
    to_confirm = token_in("e15@example.com")

    as_reset = api.post(
        "/v1/password-resets/confirm", json={"token": to_confirm, "new_password": PASSWORD}
    )
    confirm(api, to_confirm)
    api.post("/v1/password-resets", json={"email": "e15@example.com"})
    as_confirmation = confirm(api, token_in("e15@example.com"))

    assert (as_reset.status_code, as_confirmation.status_code) == (410, 410)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "ы" * 43, "#"])
def test_what_is_no_token_is_a_link_that_is_gone(api: httpx.Client, token: str) -> None:
    assert confirm(api, token).status_code == 410
