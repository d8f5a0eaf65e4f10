"""Whatever is told of a payment, in whatever order, ends in the same books."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chalicelib import clock, ids
from chalicelib.clients.stripe import Dispute, Intent, Refund, Session
from chalicelib.models.accounts_table import export_key
from chalicelib.models.entry import Entry
from chalicelib.models.outbox import OutboxMessage
from chalicelib.models.payment import Payment, check_moment, open_shard
from chalicelib.rules.payment_status import Status
from chalicelib.services.balances import balance_of
from chalicelib.services.messages import Message, MessageKind
from chalicelib.services.provider_view import Discrepancy, Seen, seen_of, seen_of_page
from chalicelib.services.settlement import UnknownPayment, settle
from tests.builders import Centre, MadeAccount
from tests.conftest import Travel, Trips

T0 = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)


def started(
    accounts: Iterable[MadeAccount],
    amounts: Iterable[int] | None = None,
    client_id: str | None = None,
    **facts: Any,
) -> Payment:
    """A payment as it stands when the person is on the provider's page."""
    accounts = list(accounts)
    parts = list(amounts) if amounts is not None else [a.to_pay for a in accounts]
    payment_id = ids.id_at("pay", clock.now())
    payment = Payment(
        client_id or ids.new_id("cli"),
        payment_id,
        **{
            "status": "pending",
            "amount": sum(parts),
            "items": [
                {
                    "account_number": account.number,
                    "amount": part,
                    "with_insurance": False,
                    "insurance": 0,
                }
                for account, part in zip(accounts, parts, strict=True)
            ],
            "created_at": clock.now(),
            "open": open_shard(payment_id),
            "check_at": check_moment(clock.now()),
            **facts,
        },
    )
    payment.save()
    return payment


def intent(payment: Payment, **facts: Any) -> Intent:
    """The provider's view of it, paid unless said otherwise."""
    return Intent(
        **{
            "id": f"pi_{payment.payment_id}",
            "status": "succeeded",
            "amount": int(payment.amount),
            "currency": "rub",
            "captured": int(payment.amount),
            "captured_at": T0,
            "card_brand": "visa",
            "card_last4": "4242",
            "failure": None,
            "metadata": {},
            **facts,
        }
    )


def refund(payment: Payment, number: int, amount: int, *, failed: bool = False) -> Refund:
    return Refund(
        f"re_{payment.payment_id}_{number}", amount, T0 + timedelta(minutes=number), failed
    )


def dispute(payment: Payment, amount: int, *, back: bool = False) -> Dispute:
    won = T0 + timedelta(days=9) if back else None
    return Dispute(f"du_{payment.payment_id}", amount, T0 + timedelta(days=1), won)


def told(payment: Payment, seen: Intent) -> Payment:
    return settle(payment.client_id, payment.payment_id, seen_of(payment.payment_id, seen))


def stored(payment: Payment) -> Payment:
    return Payment.get(payment.client_id, payment.payment_id, consistent_read=True)


def entries(account: MadeAccount) -> list[Entry]:
    found = Entry.query(account.number, Entry.item.startswith("entry#"), consistent_read=True)
    return list(found)


def paid_in(account: MadeAccount) -> int:
    """What the ledger says the account got."""
    ours = f"account:{account.number}"
    return sum(int(e.amount) if e.credit == ours else -int(e.amount) for e in entries(account))


def receipts(payment: Payment) -> int:
    message = Message(MessageKind.RECEIPT, None, payment.payment_id, {})
    return OutboxMessage.count(message.message_id)


def books(payment: Payment, accounts: list[MadeAccount]) -> Any:
    """Everything that a settled payment leaves, without names that differ from run to run."""
    row = stored(payment)

    def plain(text: str) -> str:
        return text.replace(payment.payment_id, "").replace("__", "_")

    return (
        row.status,
        row.paid_at,
        row.open,
        {plain(name): entry for name, entry in row.booked.items()},
        receipts(payment),
        [
            sorted(
                (plain(e.item), e.kind, int(e.amount), int(e.insurance), e.debit == "provider")
                for e in entries(account)
            )
            for account in accounts
        ],
        [
            {plain(k): {n: int(x) for n, x in v.items()} for k, v in unbilled(account).items()}
            for account in accounts
        ],
    )


def unbilled(account: MadeAccount) -> dict[str, Any]:
    found: dict[str, Any] = account.stored().unbilled.as_dict()  # type: ignore[no-untyped-call]
    return found


def test_settling_a_paid_payment_reads_once_and_writes_once(centre: Centre, trips: Trips) -> None:
    account = centre.account()
    payment = started([account])
    view = intent(payment)
    trips.clear()

    told(payment, view)

    assert trips == ["GetItem", "TransactWriteItems"]
    assert stored(payment).status == "paid"
    assert stored(payment).open is None
    assert paid_in(account) == payment.amount


def test_what_is_known_already_costs_one_read(centre: Centre, trips: Trips) -> None:
    payment = started([centre.account()])
    told(payment, intent(payment))
    trips.clear()

    told(payment, intent(payment))

    assert trips == ["GetItem"]


def test_the_balance_changes_in_the_same_write(centre: Centre) -> None:
    account = centre.account(to_pay=100_000, insurance=0)
    payment = started([account], [40_000])

    told(payment, intent(payment))

    assert balance_of(account.stored()).to_pay == 60_000


def test_an_account_that_was_just_imported_takes_money_too(centre: Centre) -> None:
    account = centre.account(unbilled={})
    payment = started([account])

    told(payment, intent(payment))

    assert balance_of(account.stored()).to_pay == 0


HISTORIES: dict[str, Callable[[Payment], list[Intent]]] = {
    "refunded twice, then in full": lambda p: [
        intent(p, status="requires_payment_method", captured=0, captured_at=None),
        intent(p),
        intent(p, refunds=(refund(p, 1, 10_001),)),
        intent(p, refunds=(refund(p, 1, 10_001), refund(p, 2, 1))),
        intent(
            p,
            refunds=(
                refund(p, 1, 10_001),
                refund(p, 2, 1),
                refund(p, 3, int(p.amount) - 10_002),
            ),
        ),
    ],
    "disputed and won": lambda p: [
        intent(p),
        intent(p, disputes=(Dispute(f"du_{p.payment_id}", int(p.amount), None, None),)),
        intent(p, disputes=(dispute(p, int(p.amount)),)),
        intent(p, disputes=(dispute(p, int(p.amount), back=True),)),
    ],
    "partly refunded, the rest disputed and lost": lambda p: [
        intent(p),
        intent(p, refunds=(refund(p, 1, 777),)),
        intent(p, refunds=(refund(p, 1, 777),), disputes=(dispute(p, int(p.amount) - 777),)),
    ],
    "a refund that the bank could not deliver": lambda p: [
        intent(p),
        intent(p, refunds=(refund(p, 1, int(p.amount)),)),
        intent(p, refunds=(refund(p, 1, int(p.amount), failed=True),)),
        intent(p, refunds=(refund(p, 1, int(p.amount), failed=True), refund(p, 2, 5))),
    ],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_views_of_any_age_in_any_order_end_alike(centre: Centre, name: str) -> None:
    accounts = [centre.account(to_pay=100_003), centre.account(to_pay=50_001)]
    endings = []
    for order in permutations(range(len(HISTORIES[name](started(accounts))))):
        accounts = [centre.account(to_pay=100_003), centre.account(to_pay=50_001)]
        payment = started(accounts)
        views = HISTORIES[name](payment)
        for place in order:
            told(payment, views[place])
            told(payment, views[place])  # and once more

        endings.append(books(payment, accounts))

    assert all(ending == endings[0] for ending in endings)


def test_an_undone_refund_comes_back_to_the_accounts_it_was_taken_from(centre: Centre) -> None:
    accounts = [centre.account(to_pay=1, insurance=0, bills=1) for _ in range(3)]
    payment = started(accounts)
    told(payment, intent(payment, refunds=(refund(payment, 1, 1), refund(payment, 2, 1))))
    assert [paid_in(account) for account in accounts] == [0, 0, 1]

    undone = (refund(payment, 1, 1), refund(payment, 2, 1, failed=True))
    told(payment, intent(payment, refunds=undone))

    assert [paid_in(account) for account in accounts] == [0, 1, 1]


def test_insurance_that_was_paid_is_no_advance(centre: Centre) -> None:
    account = centre.account(to_pay=100_000, insurance=10_000)
    item = {
        "account_number": account.number,
        "amount": 100_000,
        "with_insurance": True,
        "insurance": 10_000,
    }
    payment = started([account], items=[item])

    told(payment, intent(payment))

    now = balance_of(account.stored())
    assert (now.to_pay, now.advance) == (0, 0)


def test_five_deliveries_at_once_book_once(centre: Centre) -> None:
    account = centre.account()
    payment = started([account])
    view = intent(payment, refunds=(refund(payment, 1, 1_000),))

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: told(payment, view), range(5)))

    assert [e.kind for e in entries(account)] == ["payment", "refund"]
    assert receipts(payment) == 1
    assert stored(payment).status == "partly_refunded"


def test_many_payments_of_one_account_at_once_are_all_booked(centre: Centre) -> None:
    account = centre.account(to_pay=1_000_000, insurance=0)
    payments = [started([account], [1_000]) for _ in range(24)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda payment: told(payment, intent(payment)), payments))

    assert paid_in(account) == 24_000
    assert balance_of(account.stored()).to_pay == 976_000


def test_one_receipt_is_decided_on_however_often_it_is_told(centre: Centre) -> None:
    payment = started([centre.account()])

    for _ in range(3):
        told(payment, intent(payment))
    told(payment, intent(payment, refunds=(refund(payment, 1, 1),)))

    assert receipts(payment) == 1


def test_a_payment_without_money_gets_no_receipt(centre: Centre) -> None:
    payment = started([centre.account()])
    page = Session("cs_1", None, "payment", "expired", None, None, {})

    settle(payment.client_id, payment.payment_id, seen_of_page(page))

    assert stored(payment).status == "cancelled"
    assert receipts(payment) == 0


def test_a_page_that_expired_after_a_refusal_ends_it_even_if_the_intent_stays(
    centre: Centre,
) -> None:
    account = centre.account()
    payment = started([account])
    page = Session("cs_1", None, "payment", "expired", "pi_1", None, {})
    refused = intent(
        payment,
        status="requires_payment_method",
        captured=0,
        captured_at=None,
        failure="insufficient_funds",
    )

    settle(payment.client_id, payment.payment_id, seen_of(payment.payment_id, refused, page))

    assert stored(payment).status == "cancelled"
    assert stored(payment).open is None


def test_money_under_way_outlives_its_page(centre: Centre) -> None:
    payment = started([centre.account()])
    page = Session("cs_1", None, "payment", "expired", "pi_1", None, {})
    under_way = intent(payment, status="processing", captured=0, captured_at=None)

    settle(payment.client_id, payment.payment_id, seen_of(payment.payment_id, under_way, page))

    assert stored(payment).status == "pending"


def test_a_declined_card_leaves_it_pending(centre: Centre) -> None:
    payment = started([centre.account()])

    told(
        payment,
        intent(
            payment,
            status="requires_payment_method",
            captured=0,
            captured_at=None,
            failure="insufficient_funds",
        ),
    )

    assert stored(payment).status == "pending"
    assert stored(payment).failure == "insufficient_funds"


def test_money_that_came_after_all_is_booked_on_a_cancelled_payment(centre: Centre) -> None:
    account = centre.account()
    payment = started([account], status="cancelled", open=None, check_at=None)

    told(payment, intent(payment))

    assert stored(payment).status == "paid"
    assert paid_in(account) == payment.amount


def test_what_was_found_out_late_leaves_in_the_file_of_the_day_it_was_booked(
    centre: Centre, travel: Travel
) -> None:
    account = centre.account()
    payment = started([account])
    travel.forward(days=3)

    told(payment, intent(payment, captured_at=T0))

    (entry,) = entries(account)
    assert entry.at == T0
    assert entry.export == export_key("payments", clock.today(), entry.entry_id)


def test_an_expiry_told_after_the_money_changes_nothing(centre: Centre) -> None:
    payment = started([centre.account()])
    told(payment, intent(payment))

    settle(
        payment.client_id,
        payment.payment_id,
        seen_of_page(Session("cs_1", None, "payment", "expired", None, None, {})),
    )

    assert stored(payment).status == "paid"


@pytest.mark.parametrize(
    "change",
    [
        {"captured": 1},
        {"currency": "usd"},
    ],
)
def test_another_amount_or_currency_is_not_booked(centre: Centre, change: dict[str, Any]) -> None:
    account = centre.account()
    payment = started([account])

    with pytest.raises(Discrepancy):
        told(payment, intent(payment, **change))

    assert stored(payment).status == "pending"
    assert entries(account) == []


def test_more_back_than_was_paid_is_not_booked(centre: Centre) -> None:
    account = centre.account()
    payment = started([account])
    told(payment, intent(payment))

    with pytest.raises(Discrepancy):
        told(payment, intent(payment, refunds=(refund(payment, 1, int(payment.amount) + 1),)))

    assert [e.kind for e in entries(account)] == ["payment"]


def test_a_payment_that_we_do_not_have_raises() -> None:
    with pytest.raises(UnknownPayment):
        settle("cli_nobody", "pay_none", Seen())


def test_an_account_that_is_gone_raises_and_books_nothing(centre: Centre) -> None:
    account = centre.account()
    payment = started([account])
    account.stored().delete()

    with pytest.raises(Discrepancy):
        told(payment, intent(payment))

    assert stored(payment).status == "pending"


def test_the_largest_payment_fits_into_its_transactions(centre: Centre) -> None:
    accounts = [centre.account(to_pay=10_000 + n, insurance=0, bills=1) for n in range(48)]
    payment = started(accounts)
    everything = intent(
        payment,
        refunds=(refund(payment, 1, 5_000), refund(payment, 2, 33_333)),
        disputes=(dispute(payment, 400_000),),
    )

    told(payment, everything)

    assert stored(payment).status == "disputed"
    assert sum(paid_in(account) for account in accounts) == payment.amount - 438_333
    for account in accounts:
        assert balance_of(account.stored()).to_pay == account.to_pay - paid_in(account)


@given(
    parts=st.lists(st.integers(1, 200_000), min_size=1, max_size=4),
    steps=st.lists(
        st.tuples(st.sampled_from(["refund", "fail", "dispute", "win"]), st.floats(0.01, 1)),
        max_size=8,
    ),
)
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_ledger_the_balance_and_the_provider_agree_after_every_step(
    centre: Centre, parts: list[int], steps: list[tuple[str, float]]
) -> None:
    accounts = [centre.account(to_pay=part, insurance=0, bills=1) for part in parts]
    payment = started(accounts)
    refunds: list[Refund] = []
    disputed: Dispute | None = None
    told(payment, intent(payment))
    for step, share in steps:
        kept = int(payment.amount) - sum(r.amount for r in refunds if not r.failed)
        held = disputed.amount if disputed and not disputed.reinstated_at else 0
        amount = max(int((kept - held) * share), 1)
        if step == "refund" and held == 0 and kept >= amount:
            refunds.append(refund(payment, len(refunds) + 1, amount))
        elif step == "fail" and refunds and not refunds[-1].failed:
            refunds[-1] = refund(payment, len(refunds), refunds[-1].amount, failed=True)
        elif step == "dispute" and disputed is None and kept >= amount:
            disputed = dispute(payment, amount)
        elif step == "win" and disputed:
            disputed = dispute(payment, disputed.amount, back=True)
        else:
            continue

        now = told(
            payment,
            intent(payment, refunds=tuple(refunds), disputes=(disputed,) if disputed else ()),
        )

        back = sum(r.amount for r in refunds if not r.failed)
        held = disputed.amount if disputed and not disputed.reinstated_at else 0
        ledger = [paid_in(account) for account in accounts]
        assert sum(ledger) == payment.amount - back - held
        assert all(0 <= got <= part for got, part in zip(ledger, parts, strict=True))
        for account, got in zip(accounts, ledger, strict=True):
            assert sum(int(e["amount"]) for e in unbilled(account).values()) == got
        assert (now.status == Status.DISPUTED) == (held > 0)
