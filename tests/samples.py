"""One filling, or several where the text differs, of every kind of message."""

from typing import Any

from chalicelib.shapes.letters import MessageKind

AT = "2026-11-22T09:05:00Z"
ACCOUNT = {"account_number": "7000000001", "address": "г. Примерск, ул. Образцовая, д. 1, кв. 2"}
CARD = {"brand": "visa", "last4": "4242"}
LINK = {"link": "https://lkk.example/confirm-email?token=abc-123"}

SAMPLES: list[tuple[MessageKind, dict[str, Any]]] = [
    (MessageKind.EMAIL_CONFIRMATION, LINK),
    (MessageKind.PASSWORD_RESET, {**LINK, "hours": 1}),
    (MessageKind.PASSWORD_CHANGED, {"at": AT}),
    (MessageKind.PHONE_CHANGED, {"phone": "+7 900 ***-**-02", "at": AT}),
    (MessageKind.EMAIL_CHANGED, {"at": AT}),
    (MessageKind.NEW_SIGN_IN, {"device": "Firefox, Linux", "at": AT}),
    (MessageKind.NEW_HOLDER, {**ACCOUNT, "at": AT}),
    (
        MessageKind.RECEIPT,
        {
            "payment_id": "pay_019ab4",
            "paid_at": AT,
            "amount": 388_719,
            "items": [
                {**ACCOUNT, "amount": 383_719, "insurance": 6_780},
                {"account_number": "7000000002", "amount": 5_000},
            ],
            "card": CARD,
        },
    ),
    (
        MessageKind.READING_REMINDER,
        {
            **ACCOUNT,
            "closes_on": "2026-11-26",
            "meters": [{"number": "№12", "service": "ХОЛОДНОЕ В/С"}],
        },
    ),
    (
        MessageKind.AUTOPAY_ACTIVE,
        {**ACCOUNT, "day": 25, "next_charge_on": "2026-12-25", "up_to": 500_000, "card": CARD},
    ),
    (
        MessageKind.AUTOPAY_ACTIVE,
        {**ACCOUNT, "day": 25, "next_charge_on": "2026-12-25", "amount": 300_000},
    ),
    (
        MessageKind.AUTOPAY_TOMORROW,
        {**ACCOUNT, "charge_on": "2026-12-25", "outcome": "will_pay", "amount": 1, "card": CARD},
    ),
    (
        MessageKind.AUTOPAY_TOMORROW,
        {**ACCOUNT, "charge_on": "2026-12-25", "outcome": "nothing_to_pay"},
    ),
    (
        MessageKind.AUTOPAY_TOMORROW,
        {
            **ACCOUNT,
            "charge_on": "2026-12-25",
            "outcome": "over_limit",
            "amount": 500_001,
            "up_to": 500_000,
        },
    ),
    *(
        (
            MessageKind.AUTOPAY_FAILED,
            {**ACCOUNT, "amount": 383_719, "reason": reason, "next_try_on": again},
        )
        for reason, again in [
            ("insufficient_funds", "2026-12-26"),
            ("authentication_required", "2026-12-26"),
            ("provider_unavailable", "2026-12-26"),
            ("expired_card", None),
            ("over_limit", None),
            ("something_new", None),
        ]
    ),
    (MessageKind.AUTOPAY_AUTHENTICATION, {**ACCOUNT, "amount": 383_719, **LINK}),
    (MessageKind.AUTOPAY_PAUSED, {**ACCOUNT, "reason": "card_removed"}),
    (MessageKind.AUTOPAY_PAUSED, {**ACCOUNT, "reason": "failures"}),
    (MessageKind.AUTOPAY_CANCELLED, ACCOUNT),
    (MessageKind.CONNECTION_ACCEPTED, {"number": "17", "address": ACCOUNT["address"]}),
]
