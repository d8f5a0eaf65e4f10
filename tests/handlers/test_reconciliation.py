"""What nobody told is found out: lost events, lost answers, pages that were left."""

from collections.abc import Callable

import pytest

from chalicelib.clients.stripe_calls import ProviderUnavailable, client
from chalicelib.models.payment import Payment
from chalicelib.services import books, reconciliation
from tests.builders import Centre, Person
from tests.conftest import Travel
from tests.paying import Till


@pytest.fixture
def silent(till: Till) -> Till:
    """A provider whose notifications are all lost."""
    till.stripe.drop_webhooks(lambda _: True)
    return till


def test_a_payment_whose_events_are_all_lost_is_found_paid(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = silent.paid(resident, silent.item(account))
    assert silent.see(resident, made["id"])["status"] == "pending"

    travel.forward(minutes=5)
    run_schedule("check_open_payments")

    assert silent.see(resident, made["id"])["status"] == "paid"
    assert silent.to_pay(resident, account) == 0
    assert silent.stored(resident, made).open is None


def test_nobody_is_looked_at_before_it_is_due(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = silent.paid(resident, silent.item(account))

    travel.forward(minutes=4)
    run_schedule("check_open_payments")

    assert silent.see(resident, made["id"])["status"] == "pending"


def test_an_abandoned_page_ends_cancelled(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = silent.started(resident, silent.item(account))

    seen = []
    for _ in range(6):
        travel.forward(minutes=25)
        run_schedule("check_open_payments")
        seen.append(silent.see(resident, made["id"])["status"])

    assert seen[:4] == ["pending"] * 4
    assert seen[-1] == "cancelled"
    assert silent.stored(resident, made).open is None


def test_a_payment_that_was_stored_without_its_page_ends_cancelled(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    payment = silent.stored(resident, silent.started(resident, silent.item(account)))
    without = [Payment.checkout_session_id.remove(), Payment.checkout_url.remove()]
    payment.update([Payment.status.set("created"), *without])
    assert silent.see(resident, payment.payment_id)["status"] == "created"

    travel.forward(minutes=5)
    run_schedule("check_open_payments")

    assert silent.see(resident, payment.payment_id)["status"] == "cancelled"


def test_a_provider_that_is_down_is_asked_again(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    made = silent.paid(resident, silent.item(account))
    silent.stripe.fail_next("/v1/checkout/sessions", method="GET", mode="before", times=500)

    travel.forward(minutes=5)
    run_schedule("check_open_payments")
    assert silent.see(resident, made["id"])["status"] == "pending"

    silent.stripe.clear_faults()
    run_schedule("check_open_payments")
    assert silent.see(resident, made["id"])["status"] == "paid"


def test_lost_refunds_and_disputes_are_pulled(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    refunded, disputed = centre.account(), centre.account()
    resident = person().holds(refunded).holds(disputed)
    first = silent.paid(resident, silent.item(refunded))
    second = silent.paid(resident, silent.item(disputed))
    travel.forward(minutes=5)
    run_schedule("check_open_payments")
    run_schedule("pull_payment_events")
    travel.forward(hours=2)
    silent.stripe.refund(str(silent.stored(resident, first).payment_intent_id), 1_000)
    silent.stripe.dispute(str(silent.stored(resident, second).payment_intent_id))

    travel.forward(hours=1)
    run_schedule("pull_payment_events")
    run_schedule("pull_payment_events")

    assert silent.see(resident, first["id"])["status"] == "partly_refunded"
    assert silent.see(resident, second["id"])["status"] == "disputed"
    assert silent.to_pay(resident, refunded) == 1_000
    assert silent.to_pay(resident, disputed) == disputed.to_pay


def test_finding_out_makes_nothing_at_the_provider(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    silent.started(resident, silent.item(account))
    before = _sessions()

    for _ in range(8):
        travel.forward(hours=1)
        run_schedule("check_open_payments")

    assert _sessions() == before


def _sessions() -> int:
    pages = client().v1.checkout.sessions.list({"limit": 100})
    return sum(1 for _ in pages.auto_paging_iter())


def test_the_books_are_compared_every_night(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    travel.forward(days=200)  # a day on which no other test pays
    account = centre.account()
    resident = person().holds(account)
    made = silent.paid(resident, silent.item(account))

    travel.forward(days=1)
    run_schedule("compare_books")

    assert silent.see(resident, made["id"])["status"] == "paid"


def test_one_that_cannot_be_settled_keeps_nobody_else_waiting(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    odd = silent.paid(resident, silent.item(account, 1_000))
    silent.stored(resident, odd).update([Payment.amount.set(999)])  # does not fit what was paid
    gone = silent.started(resident, silent.item(account, 2_000))
    silent.stored(resident, gone).update([Payment.checkout_session_id.set("cs_test_nobody_knows")])
    good = silent.paid(resident, silent.item(account, 3_000))

    travel.forward(minutes=5)
    run_schedule("check_open_payments")

    assert silent.see(resident, good["id"])["status"] == "paid"
    for each in (odd, gone):
        row = silent.stored(resident, each)
        assert row.status == "pending"
        assert row.checks == 1
        assert row.check_at is not None
        assert row.check_at > "2026-11-20T09:05:00Z"


def test_a_mistake_of_ours_keeps_nobody_else_waiting(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    rows = [silent.paid(resident, silent.item(account, 1_000 + n)) for n in range(6)]
    by_shard = sorted(rows, key=lambda each: str(silent.stored(resident, each).open))
    broken, *others = by_shard  # the first that is looked at
    silent.stored(resident, broken).update([Payment.items.set([{"amount": 1}])])

    travel.forward(minutes=5)
    run_schedule("check_open_payments")

    assert {silent.see(resident, each["id"])["status"] for each in others} == {"paid"}
    assert silent.stored(resident, broken).checks == 1


def test_an_event_that_cannot_be_settled_keeps_no_other_from_being_pulled(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    account = centre.account()
    resident = person().holds(account)
    rows = [silent.paid(resident, silent.item(account, 1_000 + n)) for n in range(4)]
    travel.forward(minutes=5)
    run_schedule("check_open_payments")
    run_schedule("pull_payment_events")
    travel.forward(hours=2)
    by_intent = sorted(rows, key=lambda each: str(silent.stored(resident, each).payment_intent_id))
    for each in by_intent:
        silent.stripe.refund(str(silent.stored(resident, each).payment_intent_id), 100)
    broken, *others = by_intent  # the first that is looked at
    whole = silent.stored(resident, broken).items
    silent.stored(resident, broken).update([Payment.items.set([{"amount": 1}])])

    with pytest.raises(KeyError):
        reconciliation.pull_events()

    assert {silent.stored(resident, each).status for each in others} == {"partly_refunded"}

    silent.stored(resident, broken).update([Payment.items.set(whole)])
    travel.forward(hours=40)
    run_schedule("pull_payment_events")

    assert silent.stored(resident, broken).status == "partly_refunded"


def test_a_night_without_the_provider_is_made_up_for_by_the_next(
    silent: Till,
    centre: Centre,
    person: Callable[..., Person],
    travel: Travel,
    run_schedule: Callable[[str], None],
) -> None:
    travel.forward(days=300)  # a day on which no other test pays
    account = centre.account()
    resident = person().holds(account)
    run_schedule("compare_books")
    made = silent.paid(resident, silent.item(account))
    travel.forward(days=1)
    silent.stripe.fail_next("/v1/payment_intents", method="GET", mode="before", times=3)
    with pytest.raises(ProviderUnavailable):
        books.reconcile_due()
    silent.stripe.clear_faults()

    travel.forward(days=1)
    run_schedule("compare_books")

    assert silent.see(resident, made["id"])["status"] == "paid"
