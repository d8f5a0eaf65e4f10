"""The whole way of a payment with the provider failing, events lost and doubled, workers dying."""

import random
from collections.abc import Callable

import httpx
import pytest

from chalicelib.clients.stripe_calls import client
from chalicelib.models.entry import Entry
from chalicelib.models.payment import Payment
from chalicelib.rules.payment_status import Status
from chalicelib.services import reconciliation
from chalicelib.services.payment_events import look
from local.stripe import LocalStripe
from local.stripe.faults import Mode
from local.world import World
from tests.builders import Centre, Person
from tests.conftest import Travel
from tests.paying import VISA, Died, Till, dying, once
from tests.services.test_settlement import receipts

MODES: list[Mode] = ["before", "after", "timeout_before", "timeout_after", "throttle"]


@pytest.fixture
def till(
    api: httpx.Client, stripe_side: LocalStripe, drain: Callable[[], None], world: World
) -> Till:
    stripe_side.drop_webhooks(lambda _: True)
    return Till(api, stripe_side, drain, f"{world.url}/payments")


@pytest.mark.parametrize(
    "seed",
    [
        0,
        1,
        2,
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 12)),
    ],
)
def test_whatever_fails_each_payment_is_charged_and_booked_once(
    seed: int,
    till: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
) -> None:
    chance = random.Random(seed)
    account = centre.account(to_pay=1_000_000, insurance=0)
    resident = person().holds(account)
    for number in range(3):
        _goes_through(till, resident, account.number, 1_000 + number, chance)

    # the faults stop, and time passes
    till.stripe.clear_faults()
    for _ in range(6):
        travel.forward(hours=2)
        reconciliation.check_open()
    reconciliation.pull_events()

    rows = list(Payment.query(resident.client_id, consistent_read=True))
    truth = _truth(resident)
    assert {row.payment_id: row.status for row in rows} == {
        row.payment_id: _expected(truth.get(row.payment_id)) for row in rows
    }
    ledger: dict[str, int] = {}
    for entry in Entry.query(account.number, Entry.item.startswith("entry#")):
        sign = 1 if entry.debit == "provider" else -1
        ledger[entry.payment_id] = ledger.get(entry.payment_id, 0) + sign * int(entry.amount)
    assert ledger == {name: paid - back for name, (paid, back) in truth.items()}
    assert till.to_pay(resident, account) == 1_000_000 - sum(ledger.values())
    assert {row.payment_id for row in rows if receipts(row)} == set(truth)


def _goes_through(
    till: Till, resident: Person, number: str, amount: int, chance: random.Random
) -> None:
    """One payment with misfortune: retried under its key, paid, perhaps refunded, told at random."""
    key = once()
    item = {"account_number": number, "amount": amount}
    made = None
    for _ in range(6):
        if chance.random() < 0.6:
            till.stripe.fail_next("/v1/checkout/sessions", mode=chance.choice(MODES), times=3)
        try:
            with dying(chance.choice(["before-call", "after-call"]), chance.randint(1, 3)):
                answer = till.ask(resident, item, headers=key)
        except Died:
            answer = None
        till.stripe.clear_faults()
        if answer is not None and answer.status_code == 201:
            made = answer.json()
            break
        assert answer is None or answer.status_code == 503
    if made is None or chance.random() < 0.15:
        return
    till.stripe.pay(made["checkout_url"], VISA)
    intent_id = _intents()[made["id"]]
    events = ["payment_intent.succeeded"] * chance.randint(0, 2)
    if chance.random() < 0.5:
        till.stripe.refund(intent_id, chance.randint(1, amount))
        events += ["refund.created"] * chance.randint(0, 2)
    chance.shuffle(events)
    for event in events:
        if chance.random() < 0.4:
            till.stripe.fail_next("/v1/", method="GET", mode=chance.choice(MODES), times=3)
        try:
            with dying(chance.choice(["before-call", "after-call"]), chance.randint(1, 4)):
                look(intent_id, event)
        except (Died, Exception):  # noqa: BLE001 - whatever it was, the queue would try again
            pass
        till.stripe.clear_faults()


def _intents() -> dict[str, str]:
    found = {}
    for intent in client().v1.payment_intents.list({"limit": 100}).auto_paging_iter():
        name = (intent.to_dict().get("metadata") or {}).get("payment_id")
        if name:
            assert name not in found, "two intents for one payment"
            found[name] = intent.id
    return found


def _truth(person: Person) -> dict[str, tuple[int, int]]:
    """What the provider captured from a person and gave back, by our payment."""
    truth = {}
    for name, intent_id in _intents().items():
        asked = client().v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]})
        whole = asked.to_dict()
        ours = whole["metadata"]["client_id"] == person.client_id
        if ours and whole["status"] == "succeeded":
            charge = whole["latest_charge"]
            truth[name] = (charge["amount_captured"], charge["amount_refunded"])
    return truth


def _expected(money: tuple[int, int] | None) -> str:
    if money is None:
        return Status.CANCELLED.value
    captured, refunded = money
    if refunded == captured:
        return Status.REFUNDED.value
    return Status.PARTLY_REFUNDED.value if refunded else Status.PAID.value
