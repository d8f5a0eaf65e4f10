"""Doors about the service itself."""

import httpx


def test_health_answers_without_signing_in(api: httpx.Client) -> None:
    answer = api.get("/v1/health")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_an_unknown_path_is_a_problem_in_the_language_asked_for(api: httpx.Client) -> None:
    answer = api.get("/v1/nothing", headers={"Accept-Language": "en"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "path_unknown"
    assert answer.json()["detail"] == "There is nothing at this address."
