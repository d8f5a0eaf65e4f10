"""Who may tell us about money."""

import hashlib
import hmac
import random
import time

import pytest
import stripe

from chalicelib.clients.stripe_signature import SignatureInvalid, verify
from chalicelib.config import settings

BODY = b'{"id": "evt_1", "object": "event", "livemode": false}'


def secrets() -> list[str]:
    return settings().STRIPE_WEBHOOK_SECRET.split(",")


def signed(body: bytes, at: int, key: str) -> str:
    digest = hmac.new(key.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def accepted(body: bytes, header: str | None) -> bool:
    try:
        verify(body, header)
    except SignatureInvalid:
        return False
    return True


def test_what_the_official_sdk_accepts_is_accepted() -> None:
    header = signed(BODY, int(time.time()), secrets()[0])

    verify(BODY, header)

    stripe.WebhookSignature.verify_header(BODY, header, secrets()[0], 300)


def test_one_good_signature_among_others_is_enough() -> None:
    header = signed(BODY, int(time.time()), secrets()[0])

    verify(BODY, header.replace("v1=", "v0=abc,v1=" + "0" * 64 + ",v1="))


def test_both_secrets_count_while_one_replaces_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_new, whsec_old,")
    settings.cache_clear()
    try:
        assert accepted(BODY, signed(BODY, int(time.time()), "whsec_new"))
        assert accepted(BODY, signed(BODY, int(time.time()), "whsec_old"))
        assert not accepted(BODY, signed(BODY, int(time.time()), ""))
        assert not accepted(BODY, signed(BODY, int(time.time()), "whsec_new, whsec_old,"))
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.parametrize("age", [-299, 0, 299])
def test_five_minutes_either_way_are_borne(age: int) -> None:
    assert accepted(BODY, signed(BODY, int(time.time()) - age, secrets()[0]))


@pytest.mark.parametrize("age", [-100_000, -302, 302, 100_000])
def test_older_and_future_ones_are_refused(age: int) -> None:
    assert not accepted(BODY, signed(BODY, int(time.time()) - age, secrets()[0]))


@pytest.mark.parametrize(
    "header", [None, "", "t=", "v1=", "t=1", "nonsense", "t=1,v1=x", "t=١٢٣,v1=" + "0" * 64]
)
def test_broken_headers_are_refused(header: str | None) -> None:
    assert not accepted(BODY, header)


def test_of_ten_thousand_mutations_none_is_accepted() -> None:
    chance = random.Random(20261123)
    good = signed(BODY, int(time.time()), secrets()[0])
    for _ in range(10_000):
        body, header = bytearray(BODY), bytearray(good.encode())
        target = body if chance.random() < 0.5 else header
        place = chance.randrange(len(target))
        match chance.randrange(3):
            case 0:
                target[place] ^= 1 << chance.randrange(7)
            case 1:
                del target[place]
            case 2:
                target.insert(place, chance.randrange(32, 127))
        changed = (bytes(body), header.decode("latin-1"))
        if _still_says_the_same(changed[1], good) and changed[0] == BODY:
            continue  # e.g. a space after a comma, or a repeated scheme that is ignored

        assert not accepted(*changed), changed


def _still_says_the_same(header: str, good: str) -> bool:
    """Whether the mutation left the time and the signature as they were."""
    parts = {part.strip() for part in header.split(",")}
    return set(good.split(",")) <= parts
