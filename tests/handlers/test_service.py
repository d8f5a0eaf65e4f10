"""Doors about the service itself, and what every door has in common."""

import httpx
from openapi_spec_validator import validate


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


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(api: httpx.Client) -> None:
    answer = api.delete("/v1/health")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["code"] == "method_not_allowed"


def test_the_published_contract_is_a_valid_openapi_document(api: httpx.Client) -> None:
    document = api.get("/v1/openapi.json").json()

    validate(document)
    assert document["openapi"] == "3.1.0"
    assert "/v1/health" in document["paths"]


def test_the_contract_can_be_read_as_a_page_without_script(api: httpx.Client) -> None:
    page = api.get("/v1/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "/v1/health" in page.text
    assert "<script" not in page.text


def test_a_star_stands_for_whatever_the_reader_has(api: httpx.Client) -> None:
    answer = api.get("/v1/health", headers={"If-None-Match": "*"})

    assert answer.status_code == 304


def test_a_read_that_has_not_changed_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/v1/health")

    again = api.get("/v1/health", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert first.headers["cache-control"] == "private, no-cache"
