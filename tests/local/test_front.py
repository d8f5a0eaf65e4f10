"""The port: no method, encoding or path makes the application stumble; controls refuse nonsense."""

import http.client
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from local.world import World
from tests.conftest import BASE


@pytest.mark.parametrize("method", ["HEAD", "TRACE", "QUERY", "PUT", "OPTIONS", "PROPFIND"])
def test_a_method_that_a_path_does_not_have_is_405(world: World, method: str) -> None:
    answer = httpx.request(method, f"{world.url}/v1/health")

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/v1/", "//v1/health", "/v1/health/%2e%2e", "/v1/%FF", "//[", "/%00", "/v1/%0A"],
)
def test_an_unknown_path_is_a_problem(world: World, path: str) -> None:
    place = urlsplit(world.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    connection.request("GET", path, headers={"Authorization": b"Bearer \xff"})
    answer = connection.getresponse()

    assert answer.status == 404
    assert b"path_unknown" in answer.read()
    connection.close()


def test_a_chunked_body_reaches_the_application(world: World) -> None:
    answer = httpx.post(
        f"{world.url}/v1/auth/otp",
        content=iter([b'{"phone"', b": 5}"]),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "phone"


def test_a_huge_body_is_413(world: World) -> None:
    answer = httpx.post(f"{world.url}/v1/auth/otp", content=b"x" * 10_000_001)

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_the_clock_only_goes_forward(world: World) -> None:
    control = f"{world.url}/_local/clock"

    moved = httpx.post(control, json={"advance_seconds": 90})
    back = httpx.post(control, json={"now": (BASE - timedelta(days=1)).isoformat()})

    assert moved.status_code == 200
    assert moved.json()["now"].startswith("2026-11-20T09:01:30")
    assert back.status_code == 422


@pytest.mark.parametrize("body", ["{}", "[", '{"now": "yesterday"}', '{"advance_seconds": -1}'])
def test_a_clock_asked_for_nonsense_says_so(world: World, body: str) -> None:
    assert httpx.post(f"{world.url}/_local/clock", content=body).status_code == 422
