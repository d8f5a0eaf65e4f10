"""Access tokens that nobody issued: none is taken for one that somebody did.

The key is derived here a second time, so that tokens can be signed rightly and be wrong otherwise.
"""

import base64
import hashlib
import hmac
import json
import random
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import jwt
import pytest

from chalicelib.config import settings
from chalicelib.errors import NotSignedIn
from chalicelib.services import tokens
from tests.builders import Person
from tests.conftest import BASE

SUBJECT: Final = f"cli_{'1' * 32}"


def key_of(purpose: str) -> bytes:
    return hmac.new(
        settings().TOKEN_KEY.encode(), f"lkk:{purpose}".encode(), hashlib.sha256
    ).digest()


def claims(at: datetime, **other: Any) -> dict[str, Any]:
    """What a good access token says, with something else in it; None leaves a claim out."""
    said = {
        "iss": "lkk",
        "aud": "access",
        "sub": SUBJECT,
        "iat": int(at.timestamp()),
        "exp": int((at + timedelta(minutes=15)).timestamp()),
        "sid": "ses_1",
        **other,
    }
    return {name: value for name, value in said.items() if value is not None}


def signed(said: dict[str, Any], key: bytes | None = None, **more: Any) -> str:
    more.setdefault("algorithm", "HS256")
    return jwt.encode(said, key if key is not None else key_of("access"), **more)


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def taken(token: str, at: datetime) -> bool:
    try:
        tokens.read(tokens.Purpose.ACCESS, token, at)
    except NotSignedIn:
        return False
    return True


def test_a_token_signed_here_is_taken() -> None:
    assert taken(signed(claims(BASE)), BASE)


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "else"},
        {"iss": None},
        {"aud": "proof"},
        {"aud": None},
        {"aud": ["proof", "refresh"]},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": int(BASE.timestamp())},
        {"iat": None},
        {"iat": int(BASE.timestamp()) + 61},
        {"nbf": "never"},
    ],
)
def test_a_token_that_says_something_else_is_refused_although_signed(
    other: dict[str, Any],
) -> None:
    assert not taken(signed(claims(BASE, **other)), BASE)


def test_a_key_of_another_purpose_signs_nothing_here() -> None:
    for purpose in ("proof", "refresh", "otp", "phone", "email", ""):
        assert not taken(signed(claims(BASE), key_of(purpose)), BASE)
    assert not taken(signed(claims(BASE), settings().TOKEN_KEY.encode()), BASE)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_no_other_algorithm_is_taken() -> None:
    said = claims(BASE)

    for algorithm in ("HS384", "HS512"):
        assert not taken(signed(said, algorithm=algorithm), BASE)
    for name in ("none", "None", "NONE", "hs256", "RS256", "ES256", "", None, 5):
        unsigned = f"{segment({'alg': name, 'typ': 'JWT'})}.{segment(said)}."
        good = signed(said).rsplit(".", 1)[1]
        assert not taken(unsigned, BASE)
        assert not taken(unsigned + good, BASE)


def test_a_key_that_the_token_brings_along_is_not_looked_at() -> None:
    own = b"k" * 32
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(own).decode()}

    for header in ({"jwk": jwk}, {"kid": "../../dev/null"}, {"jku": "https://else.example/"}):
        assert not taken(signed(claims(BASE), own, headers=header), BASE)


def test_a_thousand_changed_tokens_are_refused() -> None:
    chance = random.Random(20_261_120)
    token = signed(claims(BASE))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="

    for _ in range(1_000):
        at = chance.randrange(len(token))
        kind = chance.choice(["put", "drop", "add", "swap"])
        if kind == "put":
            forged = token[:at] + chance.choice(letters) + token[at + 1 :]
        elif kind == "drop":
            forged = token[:at] + token[at + 1 :]
        elif kind == "add":
            forged = token[:at] + chance.choice(letters) + token[at:]
        else:
            forged = token[at:] + token[:at]
        if _says_the_same(forged, token):
            continue
        assert not taken(forged, BASE), forged


def _says_the_same(forged: str, token: str) -> bool:
    """Whether the two differ in nothing but unused bits of base64's last letter, or not at all."""
    try:
        ours, theirs = ([_bytes(part) for part in each.split(".")] for each in (forged, token))
    except ValueError:
        return False
    return ours == theirs


def _bytes(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer a",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer é.é.é",
        "Basic dXNlcjpwYXNz",
        "Bearer null",
        "Bearer " + "a" * 8_000,
        "Bearer " + "." * 2_000,
        "bearer\ta.b.c",
    ],
)
def test_what_is_no_token_at_all_is_one_answer(api: httpx.Client, authorization: str) -> None:
    answer = api.get("/v1/me", headers=[(b"authorization", authorization.encode())])

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_the_token_decides_whose_data_is_shown_and_nothing_else_does(api: httpx.Client) -> None:
    one, other = Person().registers(), Person().registers()

    answer = api.get(
        "/v1/me",
        params={"client_id": other.client_id},
        headers={
            **one.headers,
            "X-Client-Id": other.client_id,
            "X-Forwarded-User": other.client_id,
            "Cookie": f"client_id={other.client_id}",
        },
    )

    assert answer.json()["phone"] == one.phone
