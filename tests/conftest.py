"""The standing test world: engines started once per worker, everything in memory, an injected clock.

Nothing is cleaned between tests: each makes its own people, accounts and ids. Time stands at `BASE`
until a test moves it; queues stand still until a test drains them; schedules run only when asked.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local import engines
from local.inbox import Inbox
from local.ports import listen_on
from local.world import World

if TYPE_CHECKING:
    from local.stripe import LocalStripe
    from tests.autopay_stage import Stage
    from tests.builders import Centre, Person

BASE = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""When every test begins: noon of 20 November in Moscow."""

_cloud: engines.Cloud | None = None
_world: World | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Start the engines, in each worker, not in the process that only hands tests out."""
    global _cloud, _world
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        _cloud = engines.begin(None)
        _world = World(None, listen_on(0), _cloud)
        _world.clock.hold(BASE)
        _world.open()


def pytest_unconfigure() -> None:
    """End the engines with the session."""
    if _world is not None:
        _world.close()
    if _cloud is not None:
        _cloud.stop()


@pytest.fixture(scope="session")
def world() -> World:
    """All of it."""
    assert _world is not None
    return _world


@pytest.fixture(autouse=True)
def _present(world: World) -> Iterator[None]:
    world.clock.hold(BASE)
    yield
    world.ses.down = world.twilio.down = False


class Travel:
    """Moves the injected clock; it stands where it was put."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        """The present moment."""
        return self._world.clock()

    def to(self, moment: datetime) -> datetime:
        """Stand at `moment`, earlier or later; nothing runs."""
        self._world.clock.hold(moment)
        return moment

    def forward(self, **span: float) -> datetime:
        """Stand `days=`, `hours=`, `seconds=`… later; nothing runs."""
        return self.to(self.now() + timedelta(**span))

    def living(self, moment: datetime) -> datetime:
        """Go to `moment` as a local run does: schedules fire when they fall due, queues drain."""
        self._world.passage.move_to(moment)
        return self.to(moment)


@pytest.fixture
def travel(world: World) -> Travel:
    """`travel.to(moment)`, `travel.forward(seconds=45)`, `travel.living(moment)`."""
    return Travel(world)


@pytest.fixture
def inbox(world: World) -> Inbox:
    """What was sent: `inbox.sms(phone)`, `inbox.mail(address)`, newest first."""
    return world.inbox


@pytest.fixture
def stripe_side(world: World) -> "Iterator[LocalStripe]":
    """The payment provider's side: `pay`, `refund`, `dispute`, lost and failing calls."""
    world.stripe.start()
    yield world.stripe
    world.stripe.clear_faults()
    world.stripe.drop_webhooks(0)
    world.stripe.resume_webhooks()


@pytest.fixture
def drain(world: World) -> Callable[[], None]:
    """`drain()` delivers queues, webhooks and bucket events to the handlers until nothing moves."""
    return world.drain


@pytest.fixture
def run_schedule(world: World) -> Callable[[str], None]:
    """`run_schedule("sweep_outbox")` fires one schedule now, by its function's name; errors come out."""

    def run(name: str) -> None:
        from local import schedules

        found = {schedule.name: schedule for schedule in schedules.of(world.app)}
        found[name].run(world.clock())

    return run


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`configured(IMPORT_PART_BYTES=400)`: other settings for this test."""
    from chalicelib.config import settings

    def configure(**given: object) -> None:
        for name, value in given.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()

    yield configure
    monkeypatch.undo()
    settings.cache_clear()


class Trips(list[str]):
    """DynamoDB operations since `clear`, as the SDK names them; `tables` beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[tuple[str, str]] = []

    def note(self, operation: str, params: dict[str, Any]) -> None:
        """Add one operation."""
        self.append(operation)
        self.tables.append((operation, params.get("TableName", "")))

    def clear(self) -> None:
        """Forget what was before."""
        super().clear()
        self.tables.clear()


@pytest.fixture
def trips(world: World) -> Iterator[Trips]:
    """Round trips to DynamoDB: `trips.clear()`, then `trips == ["UpdateItem"]`."""
    from chalicelib.models.base import connection

    recorded = Trips()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        recorded.note(model.name, params)

    hooks = connection().client.meta.events
    hooks.register("before-parameter-build.dynamodb", note)
    yield recorded
    with suppress(ValueError):
        hooks.unregister("before-parameter-build.dynamodb", note)


@pytest.fixture(scope="session")
def api(world: World) -> Iterator[httpx.Client]:
    """The HTTP API in this process: `api.post("/v1/…", json=…, headers=…)`."""
    from tests.transport import GatewayTransport

    transport = GatewayTransport(world.gateway)
    with httpx.Client(transport=transport, base_url="http://lkk.example") as client:
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


@pytest.fixture
def stage(request: pytest.FixtureRequest, world: World) -> "Stage":
    """Automatic payments: `stage.saves_a_card(resident, account)`, `stage.morning("2026-12-20")`."""
    from tests.autopay_stage import Stage

    names = ("api", "centre", "person", "stripe_side", "drain", "run_schedule", "travel")
    parties = {name: request.getfixturevalue(name) for name in names}
    return Stage(**parties, back=f"{world.url}/autopayment")
