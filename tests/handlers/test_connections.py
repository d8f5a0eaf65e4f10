"""Applications to connect an address."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chalicelib.models.application import ConnectionApplication
from tests.builders import Person
from tests.conftest import Travel, Trips

People = Callable[..., Person]

ASK = {
    "last_name": "Примерова",
    "first_name": "Анна-Мария",
    "city": "Примерск",
    "street": "улица Образцовая",
    "house": "7/2",
    "email": "anna@post.example",
}


def apply(api: httpx.Client, who: Person, **changes: Any) -> httpx.Response:
    body = {k: v for k, v in {**ASK, **changes}.items() if v != "absent"}
    return api.post("/v1/connection-applications", json=body, headers=who.headers)


def stored(who: Person) -> list[ConnectionApplication]:
    found = ConnectionApplication.query(
        who.client_id, ConnectionApplication.item.startswith("application#")
    )
    return list(found)


def test_an_application_is_kept_under_the_number_that_is_told(
    api: httpx.Client, person: People, trips: Trips
) -> None:
    applicant = person()
    headers = applicant.headers
    trips.clear()

    answer = api.post(
        "/v1/connection-applications",
        json={**ASK, "flat": "12", "phone": "8 (900) 000-12-34"},
        headers=headers,
    )

    assert answer.status_code == 201
    assert set(answer.json()) == {"number", "status"}
    assert answer.json()["status"] == "accepted"
    assert re.fullmatch(r"261120-[2-9A-Z]{7}", answer.json()["number"])
    assert trips == ["TransactWriteItems"]
    (kept,) = stored(applicant)
    assert kept.number == answer.json()["number"]
    assert (kept.flat, kept.phone) == ("12", "+79000001234")
    assert kept.building is None


def test_a_repeated_request_with_its_key_is_one_application(
    api: httpx.Client, person: People
) -> None:
    applicant = person()
    headers = {**applicant.headers, "Idempotency-Key": "again"}

    answers = [api.post("/v1/connection-applications", json=ASK, headers=headers) for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert len(stored(applicant)) == 1


def test_five_a_day_are_taken(api: httpx.Client, person: People, travel: Travel) -> None:
    applicant = person()
    assert {apply(api, applicant).status_code for _ in range(5)} == {201}

    sixth = apply(api, applicant)

    assert (sixth.status_code, sixth.json()["code"]) == (429, "too_many_applications")
    assert sixth.headers["retry-after"] == str(24 * 3600)
    travel.forward(days=1)
    assert apply(api, applicant).status_code == 201


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"last_name": "absent"}, "last_name", "field_required"),
        ({"last_name": " "}, "last_name", "too_short"),
        ({"last_name": "Иванов1"}, "last_name", "field_invalid"),
        ({"first_name": "Aнна"}, "first_name", "mixed_alphabets"),
        ({"middle_name": "<b>"}, "middle_name", "field_invalid"),
        ({"city": "x" * 121}, "city", "too_long"),
        ({"street": "Садовая\x00"}, "street", "control_characters"),
        ({"house": 5}, "house", "wrong_type"),
        ({"email": "anna.example"}, "email", "email_invalid"),
        ({"email": "anna@post.example\r\nBcc: x@y.example"}, "email", "email_invalid"),
        ({"email": "анна@post.example"}, "email", "email_invalid"),
        ({"phone": "+7 900 123"}, "phone", "phone_invalid"),
        ({"status": "connected"}, "status", "unknown_field"),
    ],
)
def test_a_field_that_does_not_fit_is_named(
    api: httpx.Client, person: People, change: dict[str, Any], field: str, code: str
) -> None:
    applicant = person()

    answer = apply(api, applicant, **change)

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert not stored(applicant)


def test_names_as_people_have_them_are_taken(api: httpx.Client, person: People) -> None:
    applicant = person()

    for name in ("О’Коннор", "Мамед оглы", "д'Артаньян", "Ёлкина-Палкина", "Ivanova"):
        answer = apply(api, applicant, last_name=name)
        assert answer.status_code == 201, name
