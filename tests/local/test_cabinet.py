"""The port serves the built cabinet under its policy and leaves the API as it is."""

import httpx
import pytest

from local.cabinet import DIST
from local.world import World

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/accounts/123456/readings"])
def test_each_address_of_the_cabinet_is_its_page(world: World, path: str) -> None:
    answer = httpx.get(world.url + path, headers=BROWSER)

    assert answer.status_code == 200
    assert '<div id="app">' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_files_with_a_hash_in_their_name_are_kept(world: World) -> None:
    script = next((DIST / "assets").glob("*.js"))

    answer = httpx.get(f"{world.url}/assets/{script.name}")

    assert "javascript" in answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]


def test_text_comes_compressed_to_who_takes_it_and_fonts_as_they_are(world: World) -> None:
    style = max((DIST / "assets").glob("*.css"), key=lambda file: file.stat().st_size)
    font = next((DIST / "assets").glob("*.woff2"))

    with httpx.Client(base_url=world.url) as client:
        text = client.get(f"/assets/{style.name}", headers={"Accept-Encoding": "gzip"})
        plain = client.get(f"/assets/{style.name}", headers={"Accept-Encoding": "identity"})
        binary = client.get(f"/assets/{font.name}", headers={"Accept-Encoding": "gzip"})

    assert text.headers["content-encoding"] == "gzip"
    assert text.content == style.read_bytes() == plain.content
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in binary.headers


def test_nothing_outside_of_the_cabinet_is_served(world: World) -> None:
    for path in ("/..%2fpackage.json", "/%2e%2e/package.json", "/.stamp/../../package.json"):
        assert httpx.get(world.url + path).status_code == 404


def test_a_browser_at_an_unknown_address_gets_the_page_and_404(world: World) -> None:
    answer = httpx.get(f"{world.url}/nowhere", headers=BROWSER)

    assert answer.status_code == 404
    assert '<div id="app">' in answer.text


def test_the_api_answers_browsers_as_it_answers_programs(world: World) -> None:
    answer = httpx.get(f"{world.url}/v1/nowhere", headers=BROWSER)

    assert answer.headers["content-type"] == "application/problem+json"
