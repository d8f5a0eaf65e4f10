"""What no program should send, at every door: a typed refusal each, nothing stored, never a 500.

The bodies are made from good ones (`tests/doors.py`), so every door with a body is tried.
"""

import base64
import copy
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest

from chalicelib.handlers.edge import SECURITY_HEADERS
from chalicelib.operations import Operation
from tests.builders import Centre, Person
from tests.conftest import Trips
from tests.doors import BODIES, Json, Things, doors, knock, names_of, path_of

WRITES: Final = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def resident() -> Person:
    return Person().registers()


@pytest.fixture(scope="module")
def things(resident: Person) -> Things:
    account = Centre().account(meters=1)
    resident.holds(account)
    return Things(account)


Send = Callable[..., httpx.Response]


@pytest.fixture
def send(api: httpx.Client, resident: Person, things: Things, trips: Trips) -> Send:
    """Sends raw bytes to a door and holds what is true of every answer: `send(op, b"{")`."""

    def send_(op: Operation, raw: bytes, **headers: str) -> httpx.Response:
        trips.clear()
        answer = api.request(
            op.method,
            path_of(op, names_of(op, things)),
            headers=as_sent(
                {
                    **resident.headers,
                    "Content-Type": "application/json",
                    **({"Idempotency-Key": uuid.uuid4().hex} if op.idempotency else {}),
                    **{name.replace("_", "-"): value for name, value in headers.items()},
                }
            ),
            content=raw,
        )
        if answer.status_code >= 400:
            _is_a_problem(op, answer)
        return answer

    return send_


def as_sent(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers with bytes that httpx would refuse to send as text."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _is_a_problem(op: Operation, answer: httpx.Response) -> None:
    assert answer.status_code in op.all_refusals, (op.name, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert problem["detail"]
    answer.content.decode("utf-8")


def with_bodies() -> list[Operation]:
    return [op for op in doors() if op.body is not None]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place inside a body."""
    if at:
        yield at
    children: Any = ()
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        yield from places(child, (*at, key))


def put(body: Json, place: Place, value: Any) -> Json:
    """`body` with another value at a place."""
    made: Any = copy.deepcopy(body)
    inside = made
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    found: Json = made
    return found


def field_of(place: Place) -> str:
    """A place as `errors` names it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


WRONG: Final[tuple[Any, ...]] = (1.5, float("inf"), {"a": 1}, [[]], -(10**400))


def refused_unread(answer: httpx.Response, trips: Trips, *statuses: int) -> None:
    """Refused for its form alone: nothing was written."""
    assert answer.status_code in statuses, answer.text
    assert not [name for name in trips if name in WRITES]


def names() -> list[str]:
    return sorted(BODIES)


def door(name: str) -> Operation:
    (found,) = [op for op in doors() if op.name == name]
    return found


@pytest.mark.parametrize("name", names())
def test_a_value_of_a_wrong_type_is_marked_wherever_it_stands(
    send: Send, things: Things, trips: Trips, name: str
) -> None:
    op, body = door(name), BODIES[name](things)

    for place in places(body):
        for wrong in WRONG:
            if isinstance(wrong, dict) and place[-1] == "values":
                continue
            raw = json.dumps(put(body, place, wrong)).replace("Infinity", "1e400").encode()
            answer = send(op, raw)

            refused_unread(answer, trips, 422)
            marked = [error["field"] for error in answer.json()["errors"]]
            assert any(each.startswith(field_of(place)) for each in marked), (place, wrong, marked)


@pytest.mark.parametrize("name", names())
def test_text_that_is_no_text_is_refused_wherever_it_stands(
    send: Send, things: Things, trips: Trips, name: str
) -> None:
    op, body = door(name), BODIES[name](things)
    texts = [p for p in places(body) if isinstance(_at(body, p), str)]

    for place in texts:
        answer = send(op, json.dumps(put(body, place, "a\ud800")).encode())
        refused_unread(answer, trips, 422)
        for odd in ("x" * 60_000, "\x00", "a\nb\n", "а\u202eб", "\U000e0001", "ﷺ" * 2_000, ""):
            answer = send(op, json.dumps(put(body, place, odd)).encode())
            assert answer.status_code < 500, (place, odd[:5], answer.text)


def _at(body: Any, place: Place) -> Any:
    for step in place:
        body = body[step]
    return body


@pytest.mark.parametrize("name", names())
def test_a_field_that_is_not_in_the_contract_is_refused(
    send: Send, things: Things, trips: Trips, name: str
) -> None:
    op, body = door(name), BODIES[name](things)

    for place in [(), *(p for p in places(body) if isinstance(_at(body, p), dict))]:
        if place and place[-1] == "values":
            continue
        lone = send(op, json.dumps(put(body, (*place, "\ud800"), "1")).encode())
        refused_unread(lone, trips, 422)
        for unknown in ("client_id", "verified", "from_", "__class__", "", "x" * 9_000, "é\x00"):
            answer = send(op, json.dumps(put(body, (*place, unknown), "1")).encode())

            refused_unread(answer, trips, 422)
            assert answer.json()["errors"][0]["code"] == "unknown_field"


@pytest.mark.parametrize("name", names())
def test_what_is_not_json_or_says_a_thing_twice_is_unreadable(
    send: Send, things: Things, trips: Trips, name: str
) -> None:
    op, body = door(name), BODIES[name](things)
    good = json.dumps(body)
    key = next(iter(body))
    twice = good[:-1] + f', "{key}": {json.dumps(body[key])}' + "}"
    bodies = [
        b"",
        b"{",
        good.encode() + b"}",
        good.encode("utf-16"),
        b"\xef\xbb\xbf" + good.encode(),
        b'{"a": "\xff"}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"[" * 30_000,
        b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
        b"{'a': 1}",
        b'{"a": 01}',
        twice.encode(),
    ]

    for raw in bodies:
        answer = send(op, raw)

        refused_unread(answer, trips, 400)
        assert answer.json()["code"] == "malformed_json", raw[:40]


@pytest.mark.parametrize("name", names())
def test_a_body_is_one_object_of_json_and_not_too_large(
    send: Send, things: Things, trips: Trips, name: str
) -> None:
    op, body = door(name), BODIES[name](things)

    for raw in (b"[]", b"null", b"1", b'"a"', b"[{}]"):
        refused_unread(send(op, raw), trips, 422)
    refused_unread(send(op, b" " * 64_001), trips, 413)
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/jso"):
        answer = send(op, json.dumps(body).encode(), Content_Type=media_type)
        refused_unread(answer, trips, 415)


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256, "a\tb"])
def test_an_idempotency_key_that_is_none_is_refused(
    send: Send, things: Things, trips: Trips, key: str
) -> None:
    for op in [op for op in with_bodies() if op.idempotency is not None]:
        raw = json.dumps(BODIES[op.name](things)).encode()

        answer = send(op, raw, Idempotency_Key=key)

        refused_unread(answer, trips, 400)
        assert answer.json()["code"] == "idempotency_key_invalid", op.name


CURSORS: Final = [
    "",
    "!",
    "a",
    "é",
    "x" * 500,
    "x" * 501,
    *(
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in (
            "null",
            "{}",
            "[]",
            "[1]",
            '["a","b","c"]',
            "[[]]",
            '[""]',
            '["\\ud800"]',
            '["\\u0000"]',
            '["a","\\ud800"]',
            '["9999-12-31T23:59:59Z","\\ud800"]',
            '["0001-01-01T00:00:00Z","pay_"]',
            '["reading#\\uffff"]',
            '["reading#"]',
            '["holder#cli_0"]',
            "[" * 200,
        )
    ),
]


def lists() -> list[str]:
    return sorted(op.name for op in doors() if op.query is not None)


@pytest.mark.parametrize("name", lists())
def test_a_made_up_cursor_begins_anew_or_is_refused(
    api: httpx.Client, resident: Person, things: Things, trips: Trips, name: str
) -> None:
    op = door(name)
    path = path_of(op, names_of(op, things))

    for cursor in CURSORS:
        trips.clear()
        answer = api.get(path, params={"cursor": cursor}, headers=resident.headers)

        assert answer.status_code in (200, 422), (cursor, answer.text)
        assert not [each for each in trips if each in WRITES]
        if answer.status_code == 422:
            _is_a_problem(op, answer)


@pytest.mark.parametrize("name", lists())
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=201", "limit"),
        ("limit=1e2", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=1%0A", "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("limit=1&limit=1", "limit"),
        ("limit=", "limit"),
        ("from_=2026-10", "from_"),
        ("client_id=cli_1", "client_id"),
        ("%00=%FF", "\x00"),
        ("from=2026-13", "from"),
        ("to=%D9%A2026-10", "to"),
        ("from=2026-10%0A", "from"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_with_its_field(
    api: httpx.Client, resident: Person, things: Things, name: str, query: str, field: str
) -> None:
    op = door(name)
    path = path_of(op, names_of(op, things))

    answer = api.get(f"{path}?{query}", headers=resident.headers)

    assert answer.status_code == 422, answer.text
    _is_a_problem(op, answer)
    assert field in [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "value",
    [
        "%00",
        "%ff",
        "%20",
        "7000000001%0A",
        "%D9%A1" * 10,
        "x" * 3_000,
        "%ED%A0%80",
        "a%23b",
        "null",
    ],
)
def test_a_path_that_names_nothing_is_not_found(
    api: httpx.Client, resident: Person, things: Things, trips: Trips, value: str
) -> None:
    for op in [op for op in doors() if "{" in op.path]:
        for name in [n for n in names_of(op, things) if f"{{{n}}}" in op.path]:
            trips.clear()
            answer = knock(api, op, {**names_of(op, things), name: value}, resident, things)

            assert answer.status_code in (404, 410), (op.name, name, answer.text)
            assert op.idempotency == "accepted" or not set(trips) & set(WRITES), (op.name, name)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Accept-Language", "x" * 5_000),
        ("Accept-Language", "en;q=nan,ru;q=inf,*;q=1e999"),
        ("Accept-Language", ";;;,,,=,en;q"),
        ("If-None-Match", '"' * 5_000),
        ("If-None-Match", 'W/,,*,"é'),
        ("User-Agent", "\u00ff" * 3_000),
        ("X-Forwarded-For", ",,,,"),
        ("X-Client", "x" * 3_000),
        ("Content-Type", "application/json;;;==;charset=\u00e9"),
    ],
)
def test_headers_of_any_kind_are_borne(
    api: httpx.Client, resident: Person, things: Things, header: str, value: str
) -> None:
    for op in doors():
        headers = {**resident.headers, header: value}
        answer = api.request(
            op.method,
            path_of(op, {**names_of(op, things), "account_number": "7999999998"}),
            headers=as_sent(headers),
            content=b"{" if op.body is not None else None,
        )
        assert answer.status_code < 500, (op.name, answer.text)


def test_every_answer_carries_the_headers_that_keep_browsers_and_caches_out(
    api: httpx.Client, resident: Person, things: Things
) -> None:
    answers = [knock(api, op, names_of(op, things), None, things) for op in doors()]
    answers += [
        knock(api, op, names_of(op, things), resident, things)
        for op in doors()
        if op.method == "GET"
    ]
    answers += [api.get("/v1/nothing"), api.put("/v1/health"), api.request("TRACE", "/v1/me")]
    page = api.get("/v1/me", headers=resident.headers)
    tag = page.headers["etag"]
    answers.append(api.get("/v1/me", headers={**resident.headers, "If-None-Match": tag}))

    for answer in answers:
        asked = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get(name) == value, (asked, name)
        assert answer.headers["cache-control"] in ("no-store", "private, no-cache"), asked
