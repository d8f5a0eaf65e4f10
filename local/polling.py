"""Events of the real Stripe (test mode) for a run that it cannot reach: asked for, then handed in.

Each new event goes to our own webhook door, signed as the provider signs, so that everything after
it is the same as in AWS. https://docs.stripe.com/api/events/list
"""

import json
import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from local.stripe.webhooks import signature

if TYPE_CHECKING:
    from stripe import StripeClient

EVERY_SECONDS = 2
PAGE = 100

log = logging.getLogger("local.polling")


class EventPoll:
    """Brings events that are newer than the last one seen; `file` keeps which that was."""

    def __init__(
        self, client: "StripeClient", webhook_url: str, webhook_secret: str, file: Path | None
    ) -> None:
        self._client = client
        self._url = webhook_url
        self._secret = webhook_secret
        self._file = file
        self._seen = file.read_text().strip() if file is not None and file.exists() else ""
        self._stopping = threading.Event()

    def run(self) -> None:
        """Ask every two seconds until `stop`."""
        import stripe

        while not self._stopping.wait(EVERY_SECONDS):
            try:
                self.once()
            except (stripe.StripeError, httpx.HTTPError) as exc:
                log.warning("Stripe's events cannot be brought: %s", exc)

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()

    def once(self) -> int:
        """Hand in what is new, oldest first; how many. The first call ever only looks where we are."""
        if not self._seen:
            newest = self._client.v1.events.list({"limit": 1}).data
            self._note(newest[0].id if newest else "")
            return 0
        brought = 0
        while True:
            page = self._client.v1.events.list({"limit": PAGE, "ending_before": self._seen})
            for event in reversed(page.data):
                self._hand_in(json.dumps(event.to_dict(), ensure_ascii=False))
                self._note(event.id)
                brought += 1
            if not page.has_more:
                return brought

    def _hand_in(self, payload: str) -> None:
        signed = signature(payload, self._secret, int(time.time()))
        headers = {"Stripe-Signature": signed, "Content-Type": "application/json"}
        httpx.post(self._url, content=payload.encode(), headers=headers).raise_for_status()

    def _note(self, event_id: str) -> None:
        self._seen = event_id
        if self._file is not None and event_id:
            self._file.write_text(event_id)
