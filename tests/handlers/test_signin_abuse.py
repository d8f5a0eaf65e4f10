"""Signing in against those who want it to go wrong: limits, races, budgets, forged addresses."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from chalicelib.config import settings
from chalicelib.handlers.edge import address_of
from chalicelib.models.base import connection
from chalicelib.models.limits import Limit
from chalicelib.models.login import Login
from chalicelib.models.session import Session
from chalicelib.rules.otp import household
from chalicelib.services import otp, tokens
from local.inbox import Inbox
from tests.builders import fresh_phone
from tests.conftest import Travel

CONSENT = {"consents": ["personal_data"]}
KEY = "what-the-distribution-says"


def ask(api: httpx.Client, phone: str, **more: Any) -> httpx.Response:
    return api.post("/v1/auth/otp", json={"phone": phone, **CONSENT}, **more)


def verify(api: httpx.Client, challenge: httpx.Response, code: str) -> httpx.Response:
    path = f"/v1/auth/otp/{challenge.json()['challenge_id']}/verify"
    return api.post(path, json={"code": code})


def code_in(inbox: Inbox, phone: str) -> str:
    return str(re.findall(r"\d{6}", inbox.sms(phone)[0].text)[0])


@pytest.fixture
def known(api: httpx.Client, inbox: Inbox, travel: Travel) -> Callable[[], tuple[str, str]]:
    """A phone that has signed in before, and whose client it is; a new code may be asked for."""

    def make() -> tuple[str, str]:
        phone = fresh_phone()
        session = verify(api, ask(api, phone), code_in(inbox, phone)).json()
        travel.forward(seconds=45)
        return phone, session["client"]["id"]

    return make


def test_every_spelling_of_a_phone_meets_the_same_limits_and_client(
    api: httpx.Client, inbox: Inbox, travel: Travel
) -> None:
    phone = fresh_phone()
    local = phone[2:]
    spellings = [
        phone,
        f"8{local}",
        f"7{local}",
        local,
        f"+7 ({local[:3]}) {local[3:6]}-{local[6:8]}-{local[8:]}",
        f"8 {local[:3]} {local[3:]}",
        f" {phone} ",
        f"+7\u00a0{local}",
        f"+7\u2011{local}",
    ]

    first = ask(api, spellings[0])
    again = [ask(api, spelling).status_code for spelling in spellings]
    clients = {verify(api, first, code_in(inbox, phone)).json()["client"]["id"]}
    for spelling in spellings[1:4]:
        travel.forward(seconds=45)
        challenge = ask(api, spelling)
        clients.add(verify(api, challenge, code_in(inbox, phone)).json()["client"]["id"])

    assert again == [429] * len(spellings)
    assert len(clients) == 1
    assert len(inbox.sms(phone)) == 4


def test_a_known_phones_code_works_once_however_many_send_it_at_once(
    api: httpx.Client, inbox: Inbox, known: Callable[[], tuple[str, str]]
) -> None:
    phone, client_id = known()
    challenge, code = ask(api, phone), code_in(inbox, phone)
    before = len(_sessions(client_id))

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: verify(api, challenge, code).status_code, range(20)))
    after = verify(api, challenge, code)

    assert answers.count(200) == 1
    assert len(_sessions(client_id)) == before + 1
    assert (after.status_code, after.json()["code"]) == (410, "otp_challenge_gone")


def _sessions(client_id: str) -> list[Session]:
    return list(Session.query(client_id, Session.item.startswith("session#"), consistent_read=True))


@contextmanager
def before_the_transaction(act: Callable[[], object]) -> Iterator[None]:
    """Let something happen just before the next transaction is written."""
    waiting = [act]

    def happen(**_: Any) -> None:
        if waiting:
            waiting.pop()()

    hooks = connection().client.meta.events
    hooks.register("before-call.dynamodb.TransactWriteItems", happen)
    try:
        yield
    finally:
        hooks.unregister("before-call.dynamodb.TransactWriteItems", happen)


def test_a_phone_that_changes_hands_while_its_code_is_checked_signs_nobody_in(
    api: httpx.Client, inbox: Inbox, known: Callable[[], tuple[str, str]]
) -> None:
    phone, client_id = known()
    challenge, code = ask(api, phone), code_in(inbox, phone)
    before = len(_sessions(client_id))
    moved = Login(otp.phone_login(phone))

    with before_the_transaction(lambda: moved.update([Login.client_id.set("cli_other")])):
        answer = verify(api, challenge, code)

    assert answer.status_code == 410
    assert len(_sessions(client_id)) == before


def test_a_challenge_that_is_replaced_while_its_code_is_checked_signs_nobody_in(
    api: httpx.Client, inbox: Inbox, known: Callable[[], tuple[str, str]]
) -> None:
    phone, client_id = known()
    challenge, code = ask(api, phone), code_in(inbox, phone)
    before = len(_sessions(client_id))
    replaced = Login(otp.phone_login(phone))

    with before_the_transaction(lambda: replaced.update([Login.nonce.set("0" * 32)])):
        answer = verify(api, challenge, code)

    assert answer.status_code == 410
    assert len(_sessions(client_id)) == before


@pytest.mark.parametrize("which", ["address", "everybody"])
def test_a_spent_budget_sends_nothing_until_the_next_hour(
    api: httpx.Client, inbox: Inbox, travel: Travel, which: str
) -> None:
    travel.forward(days=30 if which == "address" else 31, minutes=20)
    name = f"sms#{tokens.keyed_hash('address', '127.0.0.1')[:32]}" if which == "address" else "sms"
    _spend(name, travel)
    phone = fresh_phone()

    refused = ask(api, phone, headers={"X-Forwarded-For": "203.0.113.9"})
    sent = len(inbox.sms(phone))
    travel.forward(seconds=int(refused.headers["Retry-After"]))
    later = ask(api, phone)

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "2400"
    assert sent == 0
    assert later.status_code == 202


def _spend(name: str, travel: Travel) -> None:
    """Leave no room in any shard of a budget's present hour."""
    for shard in range(16):
        Limit(f"{name}#{travel.now():%Y-%m-%dT%H}#{shard}", used=10_000).save()


def test_the_settings_limit_what_one_address_and_everybody_may_send() -> None:
    shipped = type(settings()).model_fields

    assert shipped["OTP_SENDS_PER_ADDRESS_HOUR"].default == 30
    assert shipped["OTP_SENDS_PER_HOUR"].default == 10_000


@pytest.mark.parametrize(
    ("forwarded", "through_ours", "address"),
    [
        ("203.0.113.9", False, "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", False, "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", True, "203.0.113.9"),
        ("203.0.113.9", True, "203.0.113.9"),
        ("6.6.6.6, 7.7.7.7, 203.0.113.9, 192.0.2.1", True, "203.0.113.9"),
        ("6.6.6.6, 192.0.2.1, 2001:db8::9, 192.0.2.1", True, "2001:db8::9"),
        (" , ,203.0.113.9 ,", True, "203.0.113.9"),
        ("192.0.2.1", True, "192.0.2.1"),
        ("", True, "192.0.2.1"),
    ],
)
def test_the_address_is_whom_the_distribution_saw_or_who_called_the_api(
    forwarded: str, through_ours: bool, address: str
) -> None:
    assert address_of("192.0.2.1", forwarded, through_ours=through_ours) == address


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, 429), ({"X-Origin-Key": "guessed"}, 429), ({"X-Origin-Key": KEY}, 202)],
)
def test_only_who_knows_the_distributions_key_is_believed_about_an_address(
    api: httpx.Client,
    travel: Travel,
    configured: Callable[..., None],
    given: dict[str, str],
    status: int,
) -> None:
    configured(ORIGIN_KEY=KEY)
    travel.forward(days=32)
    _spend(f"sms#{tokens.keyed_hash('address', '127.0.0.1')[:32]}", travel)

    answer = ask(api, fresh_phone(), headers={"X-Forwarded-For": "203.0.113.9", **given})

    assert answer.status_code == status


def test_a_spent_ipv6_network_gets_no_code_at_another_of_its_addresses(
    api: httpx.Client, travel: Travel, configured: Callable[..., None]
) -> None:
    configured(ORIGIN_KEY=KEY, OTP_SENDS_PER_ADDRESS_HOUR=1)
    travel.forward(days=33)

    statuses = [
        ask(
            api,
            fresh_phone(),
            headers={"X-Forwarded-For": address, "X-Origin-Key": KEY},
        ).status_code
        for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1")
    ]

    assert statuses == [202, 429, 202]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:DB8:0:1:ffff::", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_codes_are_counted_per_household(address: str, counted: str) -> None:
    assert household(address) == counted
