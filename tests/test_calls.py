"""The calls to DynamoDB that the decision record promises are those that operations make."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from chalicelib import clock, ids
from chalicelib.models.accounts_table import DUE_SHARDS
from chalicelib.models.base import connection
from chalicelib.models.mandate import RETRY_SHARDS
from chalicelib.rules.reminders import places_on
from chalicelib.services import autopay, reminders
from chalicelib.services.delivery import deliver
from chalicelib.services.messages import Message, MessageKind, intend_alone
from chalicelib.services.payment_events import handle
from local.inbox import Inbox
from local.stripe import LocalStripe
from tests.autopay_stage import Stage
from tests.builders import Centre, Person, fresh_phone
from tests.call_table import OF_EACH, Row, Units, rows
from tests.conftest import Travel, Trips

if TYPE_CHECKING:
    from local.world import World
    from tests.paying import Till

AT_MOST: Final = {
    "any signed-in request, beside its own work": 0,
    "ask for a code": 1,
    "verify a code": 2,
    "list bills of a year": 1,
    "submit readings of m meters": 2,
    "create a payment for k accounts": 2,
    "create a payment for all accounts": 3,
    "provider's event: door": 1,
    "provider's event: worker, k accounts": 2,
    "autopay: one page of what is due": 1,
    "autopay: one charge": 2,
}
"""What these may cost: more is a decision, not a change of the table."""


@dataclass
class Parties:
    """Who takes part. Each row is a method's act: what came before it is not counted."""

    api: httpx.Client
    centre: Centre
    person: Callable[..., Person]
    inbox: Inbox
    travel: Travel
    till: "Till"
    stage: Stage
    trips: Trips
    units: Units

    def counted(self, act: Callable[[], httpx.Response], status: int) -> list[str]:
        """The calls of one request that has to be answered with `status`."""
        self.trips.clear()
        answer = act()
        assert answer.status_code == status, answer.text
        return list(self.trips)

    def asked(self, phone: str) -> httpx.Response:
        body = {"phone": phone, "consents": ["personal_data"]}
        return self.api.post("/v1/auth/otp", json=body)

    def verified(self, phone: str, challenge: httpx.Response) -> httpx.Response:
        (code,) = re.findall(r"\d{6}", self.inbox.sms(phone)[0].text)
        path = f"/v1/auth/otp/{challenge.json()['challenge_id']}/verify"
        return self.api.post(path, json={"code": code})

    def get(self, who: Person, path: str) -> list[str]:
        return self.counted(lambda: self.api.get(path, headers=who.headers), 200)


def ask_for_a_code(p: Parties) -> list[str]:
    return p.counted(lambda: p.asked(fresh_phone()), 202)


def verify_a_code(p: Parties) -> list[str]:
    phone = fresh_phone()
    p.verified(phone, p.asked(phone))  # from now on a known client
    p.travel.forward(seconds=45)
    challenge = p.asked(phone)
    return p.counted(lambda: p.verified(phone, challenge), 200)


def refresh_a_session(p: Parties) -> list[str]:
    phone = fresh_phone()
    token = p.verified(phone, p.asked(phone)).json()["refresh_token"]
    return p.counted(lambda: p.api.post("/v1/auth/refresh", json={"refresh_token": token}), 200)


def signed_in(p: Parties) -> list[str]:
    # An account of no fit form: who asks is established, and there is no work after that.
    headers = p.person().headers
    return p.counted(lambda: p.api.get("/v1/accounts/no-number", headers=headers), 404)


def list_accounts(p: Parties) -> list[str]:
    who = p.person().holds(p.centre.account()).holds(p.centre.account())
    return p.get(who, "/v1/accounts")


def list_bills(p: Parties) -> list[str]:
    account = p.centre.account(bills=12)
    return p.get(p.person().holds(account), f"/v1/accounts/{account}/bills")


def one_bill(p: Parties) -> list[str]:
    account = p.centre.account()
    who = p.person().holds(account)
    return p.get(who, f"/v1/accounts/{account}/bills/{account.bills[0].period}")


def services_over_a_year(p: Parties) -> list[str]:
    account = p.centre.account(bills=12)
    return p.get(p.person().holds(account), f"/v1/accounts/{account}/services")


def list_meters(p: Parties) -> list[str]:
    account = p.centre.account(meters=OF_EACH)
    return p.get(p.person().holds(account), f"/v1/accounts/{account}/meters")


def submit_readings(p: Parties) -> list[str]:
    account = p.centre.account(meters=OF_EACH)
    who = p.person().holds(account)
    body = {"readings": [{"meter_id": m, "values": {"T1": "110"}} for m in account.meters]}
    headers = {**who.headers, "Idempotency-Key": ids.new_id("key")}
    path = f"/v1/accounts/{account}/readings"
    return p.counted(lambda: p.api.post(path, json=body, headers=headers), 201)


def create_a_payment(p: Parties) -> list[str]:
    two = [p.centre.account(), p.centre.account()]
    who = p.person().holds(two[0]).holds(two[1])
    return p.counted(lambda: p.till.ask(who, *map(p.till.item, two)), 201)


def create_a_payment_for_all(p: Parties) -> list[str]:
    who = p.person().holds(p.centre.account()).holds(p.centre.account())
    return p.counted(lambda: p.till.ask(who, with_insurance=True), 201)


def event_at_the_door(p: Parties) -> list[str]:
    page = {"id": _paid_and_untold(p)["object_id"], "object": "checkout.session", "mode": "payment"}
    event = {
        "id": ids.new_id("evt"),
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": int(clock.now().timestamp()),
        "data": {"object": page},
    }
    return p.counted(lambda: p.till.webhook(event), 200)


def event_at_the_worker(p: Parties) -> list[str]:
    told = _paid_and_untold(p)
    p.trips.clear()
    handle(told)
    return list(p.trips)


def event_that_is_known(p: Parties) -> list[str]:
    told = _paid_and_untold(p)
    handle(told)
    p.trips.clear()
    handle(told)
    return list(p.trips)


def _paid_and_untold(p: Parties) -> dict[str, str]:
    """The queued event of a payment that is paid, its webhooks lost."""
    two = [p.centre.account(), p.centre.account()]
    who = p.person().holds(two[0]).holds(two[1])
    p.till.stripe.drop_webhooks(lambda _: True)
    made = p.till.started(who, *map(p.till.item, two))
    assert p.till.stripe.pay(made["checkout_url"], "4242424242424242") == "paid"
    page = p.till.stored(who, made).checkout_session_id
    return {"event_id": "evt_calls", "type": "checkout.session.completed", "object_id": page}


def autopay_page(p: Parties) -> list[str]:
    p.stage.at("2026-12-20")
    p.stage.done_until(date(2026, 12, 19))
    p.trips.clear()
    p.stage.run_schedule("start_autopayments")
    cursor_read, *pages, cursor_written = p.trips
    assert (cursor_read, cursor_written) == ("GetItem", "UpdateItem")
    # No shard holds more than a page here.
    assert len(pages) == DUE_SHARDS + RETRY_SHARDS
    return sorted(set(pages))


def autopay_charge(p: Parties) -> list[str]:
    who, account = p.stage.resident(to_pay=300_000)
    p.stage.saves_a_card(who, account)
    p.stage.at("2026-12-20")
    p.trips.clear()
    autopay.charge_month(account.number, who.client_id, "2026-12")
    return list(p.trips)


def reminders_page(p: Parties) -> list[str]:
    day = p.travel.to(datetime(2026, 11, 15, 6, tzinfo=UTC)).date()
    p.trips.clear()
    reminders.handle({"day": day.isoformat(), "shards": [0]})
    assert len(p.trips) == len(list(places_on(day)))
    return sorted(set(p.trips))


def send_a_letter(p: Parties) -> list[str]:
    who = p.person(email=f"{ids.new_id('reader')}@example.com", email_confirmed=True)
    params = {"device": "Firefox", "at": clock.now()}
    message = Message(MessageKind.NEW_SIGN_IN, who.client_id, ids.new_id("ses"), params)
    message_id = intend_alone(message, clock.now())
    p.trips.clear()
    deliver(message_id)
    return list(p.trips)


PERFORMED: Final[dict[str, Callable[[Parties], list[str]]]] = {
    "any signed-in request, beside its own work": signed_in,
    "ask for a code": ask_for_a_code,
    "verify a code": verify_a_code,
    "refresh a session": refresh_a_session,
    "list accounts, up to fifty": list_accounts,
    "list bills of a year": list_bills,
    "one bill": one_bill,
    "services over a year": services_over_a_year,
    "list meters": list_meters,
    "submit readings of m meters": submit_readings,
    "create a payment for k accounts": create_a_payment,
    "create a payment for all accounts": create_a_payment_for_all,
    "provider's event: door": event_at_the_door,
    "provider's event: worker, k accounts": event_at_the_worker,
    "provider's event that is known already": event_that_is_known,
    "autopay: one page of what is due": autopay_page,
    "autopay: one charge": autopay_charge,
    "reminders: one page of a day": reminders_page,
    "send one letter": send_a_letter,
}


@pytest.fixture
def parties(  # noqa: PLR0917 - everybody of the standing world takes part
    api: httpx.Client,
    centre: Centre,
    person: Callable[..., Person],
    inbox: Inbox,
    travel: Travel,
    stripe_side: LocalStripe,
    drain: Callable[[], None],
    world: "World",
    stage: Stage,
    trips: Trips,
) -> Iterator[Parties]:
    from tests.paying import Till

    till = Till(api, stripe_side, drain, f"{world.url}/payments")
    units = Units()
    hooks = connection().client.meta.events
    hooks.register("before-parameter-build.dynamodb", units.ask)
    hooks.register("after-call.dynamodb", units.note)
    yield Parties(api, centre, person, inbox, travel, till, stage, trips, units)
    hooks.unregister("before-parameter-build.dynamodb", units.ask)
    hooks.unregister("after-call.dynamodb", units.note)
    stripe_side.drop_webhooks(0)


def test_every_row_is_performed_and_nothing_else() -> None:
    assert [row.operation for row in rows()] != []
    assert {row.operation for row in rows()} == set(PERFORMED)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.operation)
def test_an_operation_makes_the_calls_that_the_record_names(row: Row, parties: Parties) -> None:
    made = PERFORMED[row.operation](parties)

    assert made == row.recorded
    assert len(made) == row.calls
    if "page" not in row.operation:
        assert parties.units.of_last(len(made)) == (row.writes, row.reads)


def test_no_row_costs_more_than_it_may() -> None:
    calls = {row.operation: row.calls for row in rows()}

    assert {name: calls[name] for name, most in AT_MOST.items() if calls[name] > most} == {}
