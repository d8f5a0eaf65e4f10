"""Every door of the API with a request that fits it, for tests that go through all of them.

A new operation has no row here until somebody decides whose things it shows; the tests that use
the rows fail until then.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from chalicelib.config import settings
from chalicelib.handlers.edge import OPERATIONS
from chalicelib.operations import Operation
from tests.builders import MadeAccount, Person, fresh_phone, months_back

Json = dict[str, Any]


@dataclass
class Things:
    """What belongs to the person whose doors are tried."""

    account: MadeAccount
    back: str = field(default_factory=lambda: f"{settings().PUBLIC_URL}/payments")
    """An address that a payment may return to."""
    names: Json = field(default_factory=dict)
    """Values of other path parameters, by name."""


BODIES: Final[dict[str, Callable[[Things], Json]]] = {
    "prove_account": lambda t: {
        "account_number": t.account.number,
        "period": t.account.bills[0].period,
        "amount": t.account.to_pay,
    },
    "add_account": lambda t: {"account_number": t.account.number, "name": "Дача"},
    "change_account": lambda _: {"name": "Дом у реки"},
    "set_autopayment": lambda t: {"amount": 100_000, "return_url": t.back},
    "save_card": lambda t: {"return_url": t.back},
    "apply_for_connection": lambda _: {
        "last_name": "Пробная",
        "first_name": "Анна",
        "city": "Примерск",
        "street": "Образцовая",
        "house": "1",
        "email": "probe@home.example",
    },
    "submit_readings": lambda t: {
        "readings": [{"meter_id": t.account.meters[0], "values": {"T1": "120.500"}}]
    },
    "create_payment": lambda t: {
        "items": [{"account_number": t.account.number, "amount": 10_000}],
        "return_url": t.back,
        "confirm_repeat": True,
    },
    "request_code": lambda _: {"phone": fresh_phone(), "consents": ["personal_data"]},
    "verify_code": lambda _: {"code": "123456", "consents": ["personal_data"]},
    "sign_in_by_password": lambda _: {"login": fresh_phone(), "password": "Пример4капли"},
    "refresh": lambda _: {"refresh_token": "aaaa.bbbb"},
    "log_out": lambda _: {"refresh_token": "aaaa.bbbb"},
    "change_me": lambda _: {"last_name": "Пробная", "birth_date": "1980-02-29", "language": "ru"},
    "ask_new_phone": lambda _: {"phone": fresh_phone(), "current_password": "Пример4капли"},
    "prove_new_phone": lambda _: {"challenge_id": f"ch_{'0' * 96}", "code": "123456"},
    "set_password": lambda _: {
        "new_password": "Sosna7Bereza",
        "current_password": "Пример4капли",
    },
    "confirm_email": lambda _: {"token": "a" * 43},
    "ask_reset": lambda _: {"email": f"{uuid.uuid4().hex}@home.example"},
    "reset_password": lambda _: {"token": "a" * 43, "new_password": "Sosna7Bereza"},
    "change_notifications": lambda _: {"readings": ["email"]},
}
"""A body that fits, of every operation that has one, by the operation's name."""

ABSENT: Final[Json] = {
    "account_number": "7999999999",
    "period": months_back,
    "reading_id": f"rd_{'0' * 32}",
    "payment_id": f"pay_{'0' * 32}",
    "card_id": "pm_nobodys",
    "session_id": f"ses_{'0' * 32}",
    "challenge_id": f"ch_{'0' * 96}",
    "kind": "terms",
}
"""Values of path parameters that name nothing."""


def doors() -> list[Operation]:
    """Every operation of the application."""
    import app  # noqa: F401 - declares them

    return OPERATIONS


def path_of(op: Operation, names: Json) -> str:
    """The operation's path, filled."""
    path = op.path
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", str(value() if callable(value) else value))
    assert "{" not in path, path
    return path


def names_of(op: Operation, things: Things) -> Json:
    """The path parameters of what belongs to the person; nothing's, where there is none of it."""
    own = {"account_number": things.account.number, "period": things.account.bills[0].period}
    return {**ABSENT, **own, **things.names}


def knock(
    api: httpx.Client, op: Operation, names: Json, who: Person | None, things: Things
) -> httpx.Response:
    """A request that fits the operation, under a fresh Idempotency-Key where one is taken."""
    headers = dict(who.headers) if who else {}
    if op.idempotency is not None:
        headers["Idempotency-Key"] = uuid.uuid4().hex
    body = BODIES[op.name](things) if op.body is not None else None
    return api.request(op.method, path_of(op, names), headers=headers, json=body)
