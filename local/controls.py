"""Local controls under `/_local`: what a person or a program does around the application in a trial.

They exist only in a local run; the deployed application has nothing of the kind.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from local.inbox import Inbox, Sent
from local.moving_clock import IntoThePast

if TYPE_CHECKING:
    from local.stripe import LocalStripe

PAGE = Path(__file__).with_name("inbox.html")
CENTURY_SECONDS = 100 * 366 * 86_400


class Controlled(Protocol):
    """What the controls act on."""

    inbox: Inbox

    def now(self) -> datetime:
        """The present moment of this run."""

    def move_clock(self, *, to: datetime | None, by: float | None) -> datetime:
        """Live through the time. Raises IntoThePast."""

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether everything settled in time."""

    def schedules(self) -> list[str]:
        """The names of the application's schedules."""

    def fire(self, name: str) -> None:
        """Run one schedule now. Raises Refusal."""

    def take_in(self, name: str, text: str) -> dict[str, Any]:
        """Take in a file of the billing; its result. Raises Refusal."""

    def export(self) -> list[str]:
        """Write the files that leave for the billing, today's so far among them; their names."""

    def demo(self) -> dict[str, Any]:
        """What a newcomer needs to try it."""

    def provider(self) -> "LocalStripe":
        """The payment provider's stand-in. Raises Refusal when the real one is in use."""

    def intent_of(self, payment_id: str) -> str:
        """The provider's id of our payment. Raises Refusal."""


class Refusal(Exception):
    """A control cannot do what was asked."""


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class ClockAsk(_Ask):
    now: AwareDatetime | None = None
    advance_seconds: float | None = Field(default=None, ge=0, le=CENTURY_SECONDS)


class IdleAsk(_Ask):
    timeout_seconds: float = Field(default=30, ge=0, le=3600)


class PayAsk(_Ask):
    checkout_url: str
    card: str = "4242424242424242"
    authenticate: bool = True
    abandon: bool = False


class ProviderAsk(_Ask):
    payment_id: str
    event: Literal["refund", "dispute", "dispute_won", "dispute_lost"]
    amount: int | None = Field(default=None, gt=0)


class FireAsk(_Ask):
    name: str


class ImportAsk(_Ask):
    name: str = Field(pattern=r"^[\w.-]{1,100}$")
    text: str


class ExportAsk(_Ask):
    pass


A = TypeVar("A", bound=_Ask)


class Controls:
    """The controls of one run; `asgi` is to be mounted under `/_local`."""

    def __init__(self, world: Controlled) -> None:
        self._world = world
        self.asgi = Starlette(
            routes=[
                Route("/", self._page, methods=["GET"]),
                Route("/inbox", self._inbox, methods=["GET"]),
                Route("/demo", self._demo, methods=["GET"]),
                Route("/clock", self._clock, methods=["GET"]),
                Route("/clock", _taking(ClockAsk, self._move), methods=["POST"]),
                Route("/idle", _taking(IdleAsk, self._idle), methods=["POST"]),
                Route("/schedules", self._schedules, methods=["GET"]),
                Route("/schedules", _taking(FireAsk, self._fire), methods=["POST"]),
                Route("/import", _taking(ImportAsk, self._import), methods=["POST"]),
                Route("/export", _taking(ExportAsk, self._export), methods=["POST"]),
                Route("/pay", _taking(PayAsk, self._pay), methods=["POST"]),
                Route("/stripe", _taking(ProviderAsk, self._provider_acts), methods=["POST"]),
            ]
        )

    async def _inbox(self, request: Request) -> Response:
        found = await run_in_threadpool(self._world.inbox.messages, _receiver(request))
        return JSONResponse({"items": [sent.public() for sent in found]})

    async def _page(self, request: Request) -> Response:
        to = _receiver(request)
        found = await run_in_threadpool(self._world.inbox.messages, to, 100)
        return HTMLResponse(_page(found, to or ""))

    async def _demo(self, request: Request) -> Response:
        del request
        return JSONResponse(await run_in_threadpool(self._world.demo))

    async def _clock(self, request: Request) -> Response:
        del request
        return _now(self._world.now())

    def _move(self, ask: ClockAsk) -> Response:
        if (ask.now is None) == (ask.advance_seconds is None):
            raise Refusal("give either now or advance_seconds")
        try:
            return _now(self._world.move_clock(to=ask.now, by=ask.advance_seconds))
        except IntoThePast:
            now = _stamp(self._world.now())
            raise Refusal(f"the clock only goes forward; it is {now}") from None

    def _idle(self, ask: IdleAsk) -> Response:
        return JSONResponse({"idle": self._world.wait_until_idle(ask.timeout_seconds)})

    async def _schedules(self, request: Request) -> Response:
        del request
        return JSONResponse({"items": self._world.schedules()})

    def _fire(self, ask: FireAsk) -> Response:
        self._world.fire(ask.name)
        return JSONResponse({"name": ask.name})

    def _import(self, ask: ImportAsk) -> Response:
        return JSONResponse(self._world.take_in(ask.name, ask.text))

    def _export(self, ask: ExportAsk) -> Response:
        del ask
        return JSONResponse({"files": self._world.export()})

    def _pay(self, ask: PayAsk) -> Response:
        status = self._world.provider().pay(
            ask.checkout_url,
            ask.card.replace(" ", ""),
            authenticate=ask.authenticate,
            abandon=ask.abandon,
        )
        return JSONResponse({"status": status})

    def _provider_acts(self, ask: ProviderAsk) -> Response:
        provider, intent = self._world.provider(), self._world.intent_of(ask.payment_id)
        if ask.event == "refund":
            done = provider.refund(intent, ask.amount)
        elif ask.event == "dispute":
            done = provider.dispute(intent, ask.amount)
        else:
            done = provider.close_dispute(intent, ask.event == "dispute_won")
        return JSONResponse({"id": done["id"], "status": done["status"]})


def _taking(shape: type[A], act: Callable[[A], Response]) -> Callable[[Request], Any]:
    """An endpoint whose body has `shape`; what cannot be done is 422 with a reason."""

    async def endpoint(request: Request) -> Response:
        from local.stripe import Refused

        body = await request.body() or b"{}"
        try:
            ask = shape.model_validate_json(body)
            return await run_in_threadpool(act, ask)
        except ValidationError as exc:
            errors = exc.errors(include_url=False, include_input=False, include_context=False)
            reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors)
        except (Refusal, Refused) as exc:
            reason = str(exc)
        return JSONResponse({"detail": reason}, 422)

    return endpoint


def _receiver(request: Request) -> str | None:
    to = request.query_params.get("to")
    # "+7…" written without percent-encoding arrives with a blank in place of the plus.
    return f"+{to[1:]}" if to and to.startswith(" ") else to


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now(moment: datetime) -> Response:
    return JSONResponse({"now": _stamp(moment)})


def _page(found: list[Sent], to: str) -> str:
    rows = "".join(
        f"<details><summary><b>{escape(sent.to)}</b> {escape(sent.subject or sent.text[:80])}"
        f" <small>{sent.channel} · {escape(sent.sent_at)}</small></summary>"
        f"<pre>{escape(sent.text)}</pre>"
        + (
            f'<iframe sandbox="" srcdoc="{escape(sent.html, quote=True)}"></iframe>'
            if sent.html
            else ""
        )
        + "</details>"
        for sent in found
    )
    page = PAGE.read_text(encoding="utf-8")
    return page.replace("{{to}}", escape(to, quote=True)).replace(
        "{{rows}}", rows or "<p>Пока ничего нет.</p>"
    )
