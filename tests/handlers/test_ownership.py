"""Who may see and do what, over every door there is: a new door without a row fails here.

Somebody else's thing and no thing at all are one answer, byte for byte.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from chalicelib import clock
from chalicelib.models.base import Transaction
from chalicelib.models.holder import Holder, holder_item
from chalicelib.models.reading import newest_readings
from chalicelib.operations import Operation
from chalicelib.services import sessions
from chalicelib.services.callers import Caller
from chalicelib.services.origins import Origin
from tests.autopay_stage import Stage
from tests.builders import Centre, Person
from tests.conftest import Trips
from tests.doors import ABSENT, BODIES, Json, Things, doors, knock, names_of
from tests.handlers.test_signin_abuse import before_the_transaction
from tests.paying import Till

People = Callable[..., Person]

OPEN_DOORS: Final = {
    "request_code": "signing in begins here",
    "verify_code": "the challenge and its code are the right",
    "sign_in_by_password": "the password is the right",
    "refresh": "the refresh token is the right",
    "log_out": "the refresh token is the right",
    "confirm_email": "the letter's token is the right",
    "ask_reset": "whoever forgot the password cannot sign in",
    "reset_password": "the letter's token is the right",
    "list_consent_texts": "shown before there is a client",
    "show_password_policy": "a reset by link has nobody signed in",
    "health": "tells nothing",
    "openapi_document": "the contract is public",
    "docs_page": "the contract is public",
    "receive_stripe_event": "the signature is the right",
}
"""Doors that ask for no access token, and why."""


@dataclass(frozen=True)
class May:
    """What a door answers about something of the owner's."""

    owner: int
    family: int
    """Another proven holder of the account."""
    unproven: int
    """Who linked the account by its number alone."""
    public: bool = False
    """The parameter names nothing that belongs to anybody."""


OF_ACCOUNT: Final = May(owner=200, family=200, unproven=403)
MATRIX: Final = {
    "see_account": May(200, 200, 200),
    "change_account": May(200, 200, 200),
    "list_bills": OF_ACCOUNT,
    "see_bill": OF_ACCOUNT,
    "list_services": OF_ACCOUNT,
    "list_suppliers": OF_ACCOUNT,
    "list_meters": OF_ACCOUNT,
    "list_readings": OF_ACCOUNT,
    "undo_reading": May(204, 204, 403),
    "submit_readings": May(201, 201, 403),
    "see_autopayment": May(200, 404, 403),
    "cancel_autopayment": May(200, 404, 403),
    "set_autopayment": May(200, 200, 403),
    "see_payment": May(200, 404, 404),
    "send_receipt": May(202, 404, 404),
    "remove_card": May(204, 404, 404),
    "end_session": May(204, 404, 404),
    "unlink_account": May(204, 204, 204),
    "give_consent": May(200, 200, 200, public=True),
    "withdraw_consent": May(204, 204, 204, public=True),
}
"""Every signed-in door with a parameter in its path, in an order in which one does not spoil the next."""


@dataclass
class Household:
    """People around one account, and what the owner has."""

    owner: Person
    family: Person
    unproven: Person
    stranger: Person
    things: Things


@pytest.fixture
def household(
    api: httpx.Client, centre: Centre, person: People, stage: Stage, till: Till
) -> Household:
    """An owner with a reading, a payment, a card, an automatic payment and a second device."""
    account = centre.account(meters=1)
    owner = person(email="owner@home.example", email_confirmed=True).holds(account)
    things = Things(account, back=till.back)
    stage.saves_a_card(owner, account)
    reading = api.post(
        f"/v1/accounts/{account}/readings",
        headers={**owner.headers, "Idempotency-Key": "first"},
        json={"readings": [{"meter_id": account.meters[0], "values": {"T1": "110"}}]},
    )
    things.names = {
        "reading_id": reading.json()["items"][0]["id"],
        "payment_id": till.paid(owner, till.item(account, 5_000))["id"],
        "card_id": api.get("/v1/cards", headers=owner.headers).json()["items"][0]["id"],
        "session_id": _second_device(owner),
    }
    return Household(
        owner,
        person().holds(account),
        person().holds(account, verified=False),
        person().holds(centre.account(meters=1)),
        things,
    )


def _second_device(owner: Person) -> str:
    origin = Origin("ru", "198.51.100.7", "Firefox", "web")
    t = Transaction()
    sessions.begin(t, owner.client_id, owner.phone, origin, clock.now(), by_code=False)
    t.commit()
    caller = Caller(owner.client_id, owner.session_id, None)
    (found,) = sessions.devices_of(caller, clock.now()).items
    return found.id


def _with_parameter() -> list[Operation]:
    return [op for op in doors() if op.signed_in and "{" in op.path]


def test_every_door_has_a_row_and_every_row_a_door() -> None:
    assert {op.name for op in _with_parameter()} == set(MATRIX)
    assert {op.name for op in doors() if not op.signed_in} == set(OPEN_DOORS)
    assert {op.name for op in doors() if op.body is not None} == set(BODIES)


def test_without_a_good_token_no_signed_in_door_opens(api: httpx.Client, centre: Centre) -> None:
    things = Things(centre.account(meters=1))

    for op in doors():
        if op.signed_in:
            answer = knock(api, op, names_of(op, things), None, things)

            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), op.name
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ["stranger", "family", "unproven", "owner"])
def test_each_role_gets_through_the_doors_that_are_its_own(
    api: httpx.Client, household: Household, role: str
) -> None:
    who: Person = getattr(household, role)
    things = household.things

    for name, may in MATRIX.items():
        (op,) = [each for each in doors() if each.name == name]
        answer = knock(api, op, names_of(op, things), who, things)
        expected = (may.owner if may.public else 404) if role == "stranger" else getattr(may, role)
        assert answer.status_code == expected, (name, answer.text)


def test_foreign_and_absent_are_one_answer_to_the_byte_and_the_call(
    api: httpx.Client, centre: Centre, household: Household, trips: Trips
) -> None:
    things = household.things
    own = centre.account().number
    stranger = household.stranger.holds(own)

    for op in _with_parameter():
        for parameter in [
            p for p in ABSENT if f"{{{p}}}" in op.path and p not in ("kind", "period")
        ]:
            foreign = names_of(op, things)
            if parameter != "account_number":
                foreign["account_number"] = own  # another's thing under an account of one's own
            absent = {**foreign, parameter: ABSENT[parameter]}

            trips.clear()
            first = knock(api, op, foreign, stranger, things)
            of_foreign = list(trips)
            trips.clear()
            second = knock(api, op, absent, stranger, things)

            assert first.status_code == 404, (op.name, parameter)
            assert _all_of(first) == _all_of(second), (op.name, parameter)
            assert of_foreign == list(trips), (op.name, parameter)


def test_who_loses_the_right_while_a_reading_is_judged_submits_nothing(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account(meters=1)
    owner, things = person().holds(account), Things(account)
    (submit,) = [op for op in doors() if op.name == "submit_readings"]
    right = Holder(account.number, holder_item(owner.client_id))

    with before_the_transaction(right.delete):
        answer = knock(api, submit, names_of(submit, things), owner, things)

    assert answer.status_code == 404
    assert list(newest_readings(account.number)) == []


def _all_of(answer: httpx.Response) -> tuple[int, Json, bytes]:
    return answer.status_code, dict(answer.headers), answer.content
