"""One whole local run: engines, clock, stand-ins, workers and the port, composed once.

`make run` keeps it in a folder; tests keep it in memory and deliver queues themselves.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import uvicorn

from local import environment, provision, roles
from local.activity import Activity
from local.controls import Controls, Refusal
from local.engines import Cloud
from local.files import Imports, NotTakenIn
from local.inbox import Inbox
from local.moving_clock import MovingClock
from local.ports import HOST

if TYPE_CHECKING:
    from chalice.app import Chalice

    from local.centre import DemoCentre
    from local.gateway import Gateway
    from local.passage import Passage
    from local.polling import EventPoll
    from local.stripe import LocalStripe
    from local.workers import Workers

RUN_FILE = "run.json"
"""In the data folder: where the present run is reached."""
REACHED_BY = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
)
SETTLE_SECONDS = 120
KEEP_ALIVE_SECONDS = 75
"""Longer than people and programs pause: a connection that closes just as one asks is an error."""
GLANCE_SECONDS = 0.2
LONGEST_REST_SECONDS = 0.1
log = logging.getLogger("local.world")


class World:
    """Everything of one run, around a cloud that has begun and that outlives it."""

    def __init__(
        self,
        folder: Path | None,
        listening: socket.socket,
        cloud: Cloud,
        *,
        real: environment.Outside | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._listening = listening
        self._cloud = cloud
        self._real = real or environment.Outside()
        self._say = say
        self.url = f"http://localhost:{listening.getsockname()[1]}"
        self._here = self.url.replace("localhost", HOST)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / RUN_FILE).unlink(missing_ok=True)
        self.clock = MovingClock(folder / "clock.json" if folder else None)
        self.inbox = Inbox(folder / "inbox.db" if folder else None, self.clock)
        self._activity = Activity()
        self._server: uvicorn.Server | None = None
        self._server_thread: threading.Thread | None = None
        self._background = False
        self._closing = False
        self._ready = folder is None

    # --- starting and stopping

    def open(self, *, load: bool = False) -> None:
        """Make what `infra/` defines, and listen.

        With `load`, the application and everything around it are loaded while the engines come up,
        so that mistakes show at the start; else each part is when it is first needed.
        """
        environment.apply(
            environment.application_environment(
                dynamodb_url=self._cloud.dynamodb.url,
                cloud_url=self._cloud.services.url,
                public_url=self.url,
                real=self._real,
            )
        )
        self._activity.watch()
        self._say("Making tables, queues and buckets; loading the application")
        with ThreadPoolExecutor(1, "provision") as beside:
            made = beside.submit(provision.make, self._cloud)
            from chalicelib import clock

            clock.use(self.clock)
            roles.enforce()
            self._listen()
            if load:
                _ = self.gateway
            made.result()
        if load:
            _ = self.workers
            self.passage.wake()

    def work(self) -> None:
        """Take messages, bucket events and schedules from now on, in the background."""
        self._background = True
        self.workers.start()
        if self._real.stripe:
            threading.Thread(target=self.poll.run, name="stripe-events", daemon=True).start()
        else:
            self.stripe.start()
        if self.centre.needs_loading():
            self.centre.load(self._say)
        self._ready = True
        threading.Thread(target=self._live, name="passage", daemon=True).start()
        self._tell_where()

    def _tell_where(self) -> None:
        """Write down how `make import` and `make export` reach this run."""
        if self._folder is not None:
            given = {name: os.environ[name] for name in REACHED_BY if name in os.environ}
            told = json.dumps({"url": self.url, "environment": given})
            (self._folder / RUN_FILE).write_text(told)

    def _live(self) -> None:
        try:
            self.passage.catch_up()
        except Exception:
            log.exception("catching up failed")
        self.passage.run()

    def close(self) -> None:
        """Stop all of it: first what takes work, then the port."""
        self._closing = True
        loaded = self.__dict__
        if "passage" in loaded:
            self.passage.stop()
        if "poll" in loaded:
            self.poll.stop()
        if "workers" in loaded:
            self.workers.stop()
        if "stripe" in loaded:
            self.stripe.stop()
        if self._server is not None and self._server_thread is not None:
            self._server.should_exit = True
            self._server_thread.join(5)
        self.clock.note()
        if "stripe" in loaded:
            self.stripe.close()
        self.inbox.close()

    # --- its parts, each made when first needed

    @cached_property
    def app(self) -> "Chalice":
        """The application."""
        from app import app

        return app

    @cached_property
    def gateway(self) -> "Gateway":
        """The application's HTTP side."""
        from local.gateway import Gateway

        return Gateway(self.app)

    @cached_property
    def workers(self) -> "Workers":
        """The application's queue side."""
        from local.workers import Workers

        made = Workers(self.app, self._activity)
        made.prepare()
        return made

    @cached_property
    def passage(self) -> "Passage":
        """The application's schedules, and the clock's moves."""
        from local import schedules
        from local.passage import Passage

        found = [*self.centre.schedules(), *schedules.of(self.app)]
        return Passage(self.clock, lambda: found, self.settle, self._tick)

    @cached_property
    def stripe(self) -> "LocalStripe":
        """The payment provider's stand-in."""
        from local.stripe import LocalStripe

        return LocalStripe(
            self._folder / "stripe.db" if self._folder else None,
            self.clock,
            environment.STRIPE["STRIPE_SECRET_KEY"],
            f"{self.url}/_stripe",
            f"{self._here}/v1/webhooks/stripe",
            environment.STRIPE["STRIPE_WEBHOOK_SECRET"],
        )

    @cached_property
    def centre(self) -> "DemoCentre":
        """The demo settlement centre; in tests nobody loads it."""
        from local.centre import DemoCentre

        folder = (self._folder or Path("no-demo")) / "demo"

        return DemoCentre(folder, self.clock, self.wait_until_idle, self._here, self.inbox)

    @cached_property
    def poll(self) -> "EventPoll":
        """Events of the real Stripe."""
        import stripe

        from chalicelib.config import settings
        from local.polling import EventPoll

        return EventPoll(
            stripe.StripeClient(settings().STRIPE_SECRET_KEY),
            f"{self._here}/v1/webhooks/stripe",
            settings().STRIPE_WEBHOOK_SECRET,
            self._folder / "stripe-events.txt" if self._folder else None,
        )

    # --- settling

    def drain(self) -> None:
        """Deliver queues, webhooks and bucket events here until nothing moves. For tests."""
        self.workers.drain(also=lambda: self.stripe.pending() + self._activity.awaited())

    def settle(self) -> None:
        """Wait until nothing moves; in tests, move it."""
        if self._background:
            if not self.wait_until_idle(SETTLE_SECONDS) and not self._closing:
                log.warning("not settled after %d s", SETTLE_SECONDS)
        else:
            self.drain()

    # --- what the controls do

    def now(self) -> datetime:
        """The present moment of this run."""
        return self.clock()

    def move_clock(self, *, to: datetime | None, by: float | None) -> datetime:
        """Live through the time. Raises IntoThePast."""
        return self.passage.move_to(to) if to is not None else self.passage.move_by(by or 0)

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether queues, webhooks and events settled in time."""
        if not self._background:
            self.drain()
            return True
        deadline = time.monotonic() + timeout_seconds
        rest = 0.01
        while not self._quiet():
            if self._closing or time.monotonic() > deadline:
                return False
            time.sleep(rest)
            # What takes long is not to be slowed by looks.
            rest = min(rest * 1.5, LONGEST_REST_SECONDS)
        return True

    def _quiet(self) -> bool:
        """Whether nothing moves. Only a send moves anything, so none may happen while we look."""
        sends = self._activity.sends
        if not self._nothing_runs() or not self.workers.empty(self._activity.touched()):
            return False
        if not self._nothing_runs() or self._activity.sends != sends:
            return False
        self._activity.found_empty(sends)
        return True

    def _nothing_runs(self) -> bool:
        webhooks = 0 if self._real.stripe else self.stripe.pending()
        return not (webhooks or self.workers.busy or self._activity.awaited())

    def schedules(self) -> list[str]:
        """The names of the application's schedules."""
        return [schedule.name for schedule in self.passage.schedules()]

    def fire(self, name: str) -> None:
        """Run one schedule now, beside its hours. Raises Refusal."""
        for schedule in self.passage.schedules():
            if schedule.name == name:
                schedule.fire(self.clock())
                return
        raise Refusal(f"there is no schedule {name}")

    def take_in(self, name: str, text: str) -> dict[str, Any]:
        """Take in a file of the billing; its result. Raises Refusal."""
        with TemporaryDirectory() as folder:
            file = Path(folder, name)
            file.write_text(text, "utf-8")
            try:
                return Imports().take_in(file, self._glance, log.info, SETTLE_SECONDS)
            except NotTakenIn as exc:
                raise Refusal(str(exc)) from exc

    def _glance(self, seconds: float) -> bool:
        # What else is going on need not come to rest before a file has its result.
        return self.wait_until_idle(min(seconds, GLANCE_SECONDS))

    def export(self) -> list[str]:
        """Write the files of finished days that have not left, and today's so far; their names."""
        from chalicelib.services import exports

        before = exports.write_due()
        return [*before, *exports.write_so_far()]

    def demo(self) -> dict[str, Any]:
        """What a newcomer needs to try it."""
        return self.centre.answer()

    @property
    def payment_page(self) -> str:
        """Where one pays: each payment has a page of its own."""
        if self._real.stripe:
            return "Stripe's own (a test key is set): the checkout_url of a payment"
        return (
            f"{self.url}/_stripe/c/pay/…  the checkout_url of a payment; card 4242 4242 4242 4242"
        )

    def provider(self) -> "LocalStripe":
        """The payment provider's stand-in. Raises Refusal when the real one is in use."""
        if self._real.stripe:
            raise Refusal("this run uses the real Stripe: pay in the browser, act in its dashboard")
        return self.stripe

    def intent_of(self, payment_id: str) -> str:
        """The provider's id of our payment. Raises Refusal."""
        import stripe

        client = stripe.StripeClient(
            environment.STRIPE["STRIPE_SECRET_KEY"], base_addresses={"api": f"{self._here}/_stripe"}
        )
        for intent in client.v1.payment_intents.list({"limit": 100}).auto_paging_iter():
            if intent.to_dict()["metadata"].get("payment_id") == payment_id:
                return intent.id
        raise Refusal(f"the provider has no payment {payment_id}")

    def _tick(self) -> None:
        if not self._real.stripe:
            self.stripe.tick()

    # --- the port

    def _listen(self) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._front(),
                access_log=False,
                log_config=None,
                lifespan="off",
                ws="none",
                http="h11",
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=3,
            )
        )
        self._server_thread = threading.Thread(
            target=self._server.run, args=([self._listening],), name="port", daemon=True
        )
        self._server_thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.005)

    def _front(self) -> Any:
        from chalicelib.config import settings
        from local.front import ApplicationDoor, front
        from local.ses import LocalSes
        from local.twilio import LocalTwilio

        self.ses = LocalSes(self.inbox, settings().MAIL_SENDER, self.clock, self._mail_event)
        self.twilio = LocalTwilio(
            self.inbox,
            environment.TWILIO["TWILIO_ACCOUNT_SID"],
            environment.TWILIO["TWILIO_AUTH_TOKEN"],
            self.clock,
        )
        mounts = {
            "/_local": Controls(self).asgi,
            "/_ses": self.ses.asgi,
            "/_twilio": self.twilio.asgi,
        }
        if not self._real.stripe:
            mounts["/_stripe"] = self.stripe.asgi
        return front(ApplicationDoor(lambda: self.gateway), mounts, lambda: self._ready)

    def _mail_event(self, event: dict[str, Any]) -> None:
        import boto3

        from local import rules

        sqs = boto3.client("sqs")
        for queue_name, body in rules.routed(event):
            url = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=body)
