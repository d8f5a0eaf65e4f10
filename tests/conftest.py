"""The standing test world: engines started once per worker, tables in memory, an injected clock."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local import engines, environment, provision

if TYPE_CHECKING:
    from tests.builders import Centre, Person

_started = [engines.start_dynamodb(None), engines.start_cloud(None)]
environment.apply(
    environment.application_environment(
        dynamodb_url=_started[0].url,
        cloud_url=_started[1].url,
        public_url="http://127.0.0.1:9",
    )
)
provision.make_tables()
provision.make_queues()
provision.make_buckets()


def pytest_sessionfinish() -> None:
    """End the engines with the session."""
    for engine in _started:
        engine.stop()


@pytest.fixture(scope="session")
def api() -> Iterator[httpx.Client]:
    """The HTTP API in this process: `api.post("/v1/…", json=…, headers=…)`."""
    from app import app
    from local.gateway import GatewayTransport

    with httpx.Client(transport=GatewayTransport(app), base_url="http://lkk.example") as client:
        yield client


@pytest.fixture
def centre() -> "Centre":
    """The billing's side: `centre.account(to_pay=…, bills=3, meters=1)` writes an account's items."""
    from tests.builders import Centre

    return Centre()


@pytest.fixture
def person() -> "Callable[..., Person]":
    """Makes signed-in clients: `person(email=…)` stores a profile; `.headers`, `.holds(account)`."""
    from tests.builders import Person

    def make(phone: str | None = None, *, language: str = "ru", **profile: Any) -> Person:
        made = Person(phone=phone, language=language) if phone else Person(language=language)
        return made.registers(**profile)

    return make
