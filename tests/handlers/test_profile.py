"""A client's own data: profile, consents, notifications."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from chalicelib.models.consent import Consent
from tests.builders import Person
from tests.conftest import Travel

People = Callable[..., Person]
EMPTY = {
    "last_name": None,
    "first_name": None,
    "middle_name": None,
    "birth_date": None,
    "email": None,
    "email_confirmed": False,
    "language": "ru",
    "has_password": False,
}


def test_a_new_client_has_a_phone_and_nothing_else(api: httpx.Client, person: People) -> None:
    someone = person()

    answer = api.get("/v1/me", headers=someone.headers)

    assert answer.status_code == 200
    assert answer.json() == {**EMPTY, "phone": someone.phone}


def test_what_is_named_changes_and_the_rest_stays(api: httpx.Client, person: People) -> None:
    someone = person(first_name="Проба", middle_name="Тестович")
    change = {"last_name": "Пробный-Образцов", "birth_date": "1980-02-29", "middle_name": None}

    changed = api.patch("/v1/me", headers=someone.headers, json=change)

    expected = {**EMPTY, "phone": someone.phone, **change, "first_name": "Проба"}
    assert (changed.status_code, changed.json()) == (200, expected)
    assert api.get("/v1/me", headers=someone.headers).json() == expected


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"birth_date": "1981-02-29"}, "birth_date", "date_invalid"),
        ({"birth_date": "29.02.1980"}, "birth_date", "date_invalid"),
        ({"birth_date": "2026-11-21"}, "birth_date", "out_of_range"),
        ({"birth_date": "1899-12-31"}, "birth_date", "out_of_range"),
        ({"email": "это не адрес"}, "email", "email_invalid"),
        ({"email": "a@b"}, "email", "email_invalid"),
        ({"first_name": ""}, "first_name", "too_short"),
        ({"first_name": "x" * 61}, "first_name", "too_long"),
        ({"first_name": "Инна2"}, "first_name", "field_invalid"),
        ({"first_name": "Пeтр"}, "first_name", "mixed_alphabets"),
        ({"language": "de"}, "language", "field_invalid"),
        ({"language": None}, "language", "field_invalid"),
        ({"phone": "+79000000000"}, "phone", "unknown_field"),
        ({"client_id": "cli_x"}, "client_id", "unknown_field"),
        ({"email_confirmed": True}, "email_confirmed", "unknown_field"),
        ({"password_hash": "x"}, "password_hash", "unknown_field"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    api: httpx.Client, person: People, change: dict[str, object], field: str, code: str
) -> None:
    someone = person()

    answer = api.patch("/v1/me", headers=someone.headers, json=change)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_consents_are_given_listed_withdrawn_and_given_again(
    api: httpx.Client, person: People, travel: Travel
) -> None:
    someone = person()
    path = "/v1/me/consents/marketing"

    given = api.put(path, headers={**someone.headers, "X-Client": "web"})
    travel.forward(seconds=5)
    same = api.put(path, headers=someone.headers)
    withdrawn = [api.delete(path, headers=someone.headers).status_code for _ in range(2)]
    listed = api.get("/v1/me/consents", headers=someone.headers).json()["items"]
    travel.forward(seconds=5)
    again = api.put(path, headers=someone.headers)

    assert given.status_code == 200
    assert given.json() == same.json()
    assert given.json()["channel"] == "web"
    assert given.json()["withdrawn_at"] is None
    assert withdrawn == [204, 204]
    assert listed == [{**given.json(), "withdrawn_at": "2026-11-20T09:00:05Z"}]
    assert again.json()["given_at"] == "2026-11-20T09:00:10Z"
    assert len(list(Consent.query(someone.client_id, Consent.item.startswith("consent#")))) == 2


def test_one_consent_asked_for_by_many_at_once_is_given_once(
    api: httpx.Client, person: People
) -> None:
    someone = person()
    path = "/v1/me/consents/marketing"

    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: api.put(path, headers=someone.headers).status_code, range(20))
        )
    given = list(Consent.query(someone.client_id, Consent.item.startswith("consent#marketing")))
    withdrawn = api.delete(path, headers=someone.headers)
    again = api.put(path, headers=someone.headers).json()

    assert answers == [200] * 20
    assert len(given) == 1
    assert withdrawn.status_code == 204
    assert again["withdrawn_at"] is None
    (listed,) = api.get("/v1/me/consents", headers=someone.headers).json()["items"]
    assert listed["withdrawn_at"] is None


def test_what_is_kept_is_the_hash_of_the_text_that_was_shown(
    api: httpx.Client, person: People
) -> None:
    someone = person(language="en")
    shown = api.get("/v1/consent-texts", headers={"Accept-Language": "en"}).json()["items"]

    api.put("/v1/me/consents/terms", headers=someone.headers)

    (kept,) = Consent.query(someone.client_id, Consent.item.startswith("consent#"))
    text = next(item for item in shown if item["kind"] == "terms")
    assert len(shown) == 4
    assert kept.version == text["version"]
    assert kept.text_sha256 == hashlib.sha256(text["text"].encode()).hexdigest()


def test_a_kind_of_consent_that_is_none_is_not_found(api: httpx.Client, person: People) -> None:
    someone = person()

    answers = [
        api.request(method, f"/v1/me/consents/{kind}", headers=someone.headers).status_code
        for method in ("PUT", "DELETE")
        for kind in ("spam", "marketing%23", "personal_data2")
    ]

    assert answers == [404] * 6


def test_channels_have_defaults_and_a_kind_left_out_stays(
    api: httpx.Client, person: People
) -> None:
    someone = person()
    path = "/v1/me/notifications"
    standard = api.get(path, headers=someone.headers).json()

    first = api.put(path, headers=someone.headers, json={"bills": ["sms", "email"], "news": []})
    second = api.put(path, headers=someone.headers, json={"payments": []})

    assert set(standard) == {"readings", "bills", "payments", "autopay", "requests", "news"}
    assert first.json() == {**standard, "bills": ["email", "sms"], "news": []}
    assert second.json() == {**first.json(), "payments": []}
    assert api.get(path, headers=someone.headers).json() == second.json()


def test_channels_that_are_null_are_no_list_of_channels(api: httpx.Client, person: People) -> None:
    answer = api.put("/v1/me/notifications", headers=person().headers, json={"bills": None})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "bills"


def test_a_channel_that_is_none_is_refused(api: httpx.Client, person: People) -> None:
    answer = api.put("/v1/me/notifications", headers=person().headers, json={"bills": ["pigeon"]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "bills[0]"
