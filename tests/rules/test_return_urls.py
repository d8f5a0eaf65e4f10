"""Where people may be sent back to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.return_urls import allowed, with_query

ORIGINS = "https://cabinet.example, http://localhost:8000,lkk://pay"


@pytest.mark.parametrize(
    "url",
    [
        "https://cabinet.example",
        "https://cabinet.example/payments?x=1#top",
        "HTTPS://CABINET.EXAMPLE/",
        "http://localhost:8000/",
        "lkk://pay/done",
    ],
)
def test_configured_origins_are_allowed(url: str) -> None:
    assert allowed(url, ORIGINS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cabinet.example",
        "//cabinet.example/",
        "/payments",
        "http://cabinet.example/",
        "https://cabinet.example:8443/",
        "https://cabinet.example.evil.example/",
        "https://cabinet.example@evil.example/",
        "https://evil.example\\@cabinet.example/",
        "https://cabinet.example\\.evil.example/",
        "https://evil.example/https://cabinet.example",
        "javascript:alert(1)//https://cabinet.example",
        "https://cabinet.example /",
        "https://cabinet.example/\n",
        "https://[cabinet.example/",
        "http://localhost:80000/",
        "lkk://other/",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert not allowed(url, ORIGINS)


@given(st.text(max_size=200))
def test_no_text_breaks_it(url: str) -> None:
    assert allowed(url, ORIGINS) in (True, False)


def test_parameters_join_those_that_are_there() -> None:
    url = with_query("https://cabinet.example/done?tab=1&payment_id=old#end", payment_id="pay_1")

    assert url == "https://cabinet.example/done?tab=1&payment_id=pay_1#end"
