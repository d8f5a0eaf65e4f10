"""What people tell the system never shows where operators, queues or other programs look.

The main job is run through, and gone wrong at, by people whose every word is a canary.
"""

import io
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

import boto3
import httpx
import pytest

from chalicelib.log_format import LogFormat
from chalicelib.observability import log
from local.inbox import Inbox
from local.world import World
from tests.autopay_stage import Stage
from tests.builders import Centre, MadeAccount, Person, fresh_phone
from tests.conftest import Travel
from tests.paying import Till

WORDS: Final = {
    "last_name": "Канарейкина",
    "first_name": "Чижетта",
    "middle_name": "Щегловна",
    "birth_date": "1971-03-17",
}
STREET, OWNER, OWN_NAME = "Кенарская", "Зябликов", "Гнездо на даче"
PASSWORD, NEXT_PASSWORD = "Coloratura7", "Belcanto4"
AGENT: Final = "CanaryPhone/9.1 Firefox/130.0"
Seen = Callable[[], str]


@pytest.fixture
def seen(capsys: pytest.CaptureFixture[str]) -> Iterator[Seen]:
    """All that operators and queues saw so far: log lines, metrics, bodies and attributes of messages."""
    assert boto3.DEFAULT_SESSION is not None
    written, sent = io.StringIO(), list[str]()
    handler = next(h for h in log.handlers if isinstance(h.formatter, LogFormat))
    assert isinstance(handler, logging.StreamHandler)
    before, level = handler.setStream(written), log.log_level
    log.setLevel(logging.DEBUG)

    def note(params: dict[str, Any], **_: Any) -> None:
        sent.append(json.dumps(params, ensure_ascii=False))

    boto3.DEFAULT_SESSION.events.register("provide-client-params.sqs", note)
    yield lambda: written.getvalue() + capsys.readouterr().out + "".join(sent)
    boto3.DEFAULT_SESSION.events.unregister("provide-client-params.sqs", note)
    log.setLevel(level)
    if before is not None:
        handler.setStream(before)


def newest_code(inbox: Inbox, phone: str) -> str:
    return str(re.findall(r"\d{6}", inbox.sms(phone)[0].text)[0])


def newest_token(inbox: Inbox, address: str) -> str:
    found = re.search(r"token=([\w-]{43})\b", inbox.mail(address)[0].text)
    assert found is not None
    return found[1]


def signed_in(api: httpx.Client, inbox: Inbox, phone: str, canaries: list[str]) -> dict[str, str]:
    """Headers of a session by code; the code and the tokens are canaries from now on."""
    origin = {"User-Agent": AGENT, "X-Forwarded-For": "203.0.113.77"}
    asked = api.post(
        "/v1/auth/otp", json={"phone": phone, "consents": ["personal_data"]}, headers=origin
    )
    code = newest_code(inbox, phone)
    verify = f"/v1/auth/otp/{asked.json()['challenge_id']}/verify"
    assert api.post(verify, json={"code": "000000"}, headers=origin).status_code == 422
    session = api.post(verify, json={"code": code}, headers=origin).json()
    again = api.post("/v1/auth/refresh", json={"refresh_token": session["refresh_token"]}).json()
    canaries += [phone, phone[2:], asked.json()["challenge_id"]]
    canaries += [each[name] for each in (session, again) for name in TOKENS]
    return {"Authorization": f"Bearer {again['access_token']}", "User-Agent": AGENT}


TOKENS: Final = ("access_token", "refresh_token")


def keeps_house(
    api: httpx.Client, me: dict[str, str], account: MadeAccount, contacts: dict[str, str]
) -> list[str]:
    """Proves and links the account, looks at all of it, submits, applies. Further canaries."""
    proof = {"account_number": account.number, "period": account.bills[0].period}
    api.post("/v1/account-proofs", headers=me, json={**proof, "amount": 777_001})
    proven = api.post("/v1/account-proofs", headers=me, json={**proof, "amount": account.to_pay})
    linked = {"proof_id": proven.json()["proof_id"], "name": OWN_NAME}
    assert api.post("/v1/accounts", headers=me, json=linked).status_code == 201
    for path in ("", f"/{account}", f"/{account}/bills", f"/{account}/meters"):
        assert api.get(f"/v1/accounts{path}", headers=me).status_code == 200
    read = {"readings": [{"meter_id": account.meters[0], "values": {"T1": "112.345"}}]}
    for key in ("a", "b"):
        keyed = {**me, "Idempotency-Key": f"{STREET.encode().hex()}-{key}"}
        api.post(f"/v1/accounts/{account}/readings", headers=keyed, json=read)
    applied = {
        **{name: WORDS[name] for name in ("last_name", "first_name", "middle_name")},
        "city": "Канареевск",
        "street": STREET,
        "house": "3",
        **contacts,
    }
    assert api.post("/v1/connection-applications", headers=me, json=applied).status_code == 201
    return [linked["proof_id"], applied["city"]]


def test_a_whole_main_job_leaves_no_word_of_a_person_in_logs_and_queues(
    *,
    api: httpx.Client,
    centre: Centre,
    person: Callable[..., Person],
    inbox: Inbox,
    travel: Travel,
    till: Till,
    stage: Stage,
    drain: Callable[[], None],
    world: World,
    seen: Seen,
) -> None:
    mail = f"kanareika-{uuid.uuid4().hex}@home.example"
    canaries = [*WORDS.values(), STREET, OWNER, OWN_NAME, PASSWORD, NEXT_PASSWORD, mail, AGENT]
    canaries += ["203.0.113.77", "4242424242424242", "CanaryPhone"]
    account = centre.account(
        meters=1, address=f"г. Примерск, ул. {STREET}, д. 3", owner_name=f"{OWNER} Тест Тестович"
    )
    person(email=f"before-{mail}", email_confirmed=True).holds(account)
    phone = fresh_phone()

    me = signed_in(api, inbox, phone, canaries)
    api.patch("/v1/me", headers=me, json={**WORDS, "email": mail})
    api.patch("/v1/me", headers=me, json={"last_name": f"{STREET}\u202e", "email": f"{mail}@"})
    drain()
    canaries.append(newest_token(inbox, mail))
    api.post("/v1/email-confirmations", json={"token": canaries[-1]})
    api.put("/v1/me/password", headers=me, json={"new_password": PASSWORD})
    for login, password in [
        (phone, PASSWORD),
        (mail, PASSWORD),
        (mail, f"{PASSWORD}x"),
        (STREET, "x"),
    ]:
        api.post("/v1/auth/password", json={"login": login, "password": password})
    api.post("/v1/password-resets", json={"email": mail})
    world.ses.faults = [(500, "InternalServiceErrorException")]
    drain()
    canaries.append(newest_token(inbox, mail))
    reset = {"token": canaries[-1], "new_password": NEXT_PASSWORD}
    assert api.post("/v1/password-resets/confirm", json=reset).status_code == 204

    canaries += keeps_house(api, me, account, {"email": mail, "phone": phone})
    client_id = api.post("/v1/auth/password", json={"login": phone, "password": NEXT_PASSWORD})
    payer = Person(phone=phone, client_id=client_id.json()["client"]["id"])
    till.paid(payer, till.item(account, 5_000))
    stage.saves_a_card(payer, account)

    moved = fresh_phone()
    travel.forward(minutes=2)
    again = signed_in(api, inbox, phone, canaries)
    asked = api.post("/v1/me/phone", headers=again, json={"phone": moved})
    challenge = asked.json()["challenge_id"]
    body = {"challenge_id": challenge, "code": newest_code(inbox, moved)}
    assert api.post("/v1/me/phone/verify", headers=again, json=body).status_code == 200
    canaries += [moved, moved[2:], challenge]
    world.twilio.down = True
    assert api.post("/v1/auth/otp", json={"phone": fresh_phone()}).status_code == 503
    world.twilio.down = False
    drain()

    told = seen()
    for word in ('"operation":"verify_code"', '"operation":"settle_payment_events"', "message_id"):
        assert word in told.replace(" ", "")
    found = [canary for canary in canaries if canary in told]
    assert found == []
    assert account.number not in "".join(line for line in told.splitlines() if '"level"' in line)
