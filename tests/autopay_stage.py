"""What tests of automatic payments share: a resident with a card, and days that pass."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx

from local.stripe import LocalStripe
from tests.builders import Centre, MadeAccount, Person
from tests.conftest import Travel

VISA = "4242424242424242"
Json = dict[str, Any]


@dataclass
class Stage:
    """The parties of an automatic payment."""

    api: httpx.Client
    centre: Centre
    person: Callable[..., Person]
    stripe_side: LocalStripe
    drain: Callable[[], None]
    run_schedule: Callable[[str], None]
    travel: Travel
    back: str

    def resident(self, *, email: str | None = None, **account: Any) -> "tuple[Person, MadeAccount]":
        """A client with a proven account, and with a confirmed e-mail when there is one."""
        made = self.centre.account(**account)
        mail = {"email": email, "email_confirmed": True} if email else {}
        return self.person(**mail).holds(made), made

    def put(self, who: Person, account: object, **ask: Any) -> httpx.Response:
        """Set the automatic payment of `who`."""
        body = {"return_url": self.back, **ask}
        return self.api.put(path(account), json=body, headers=who.headers)

    def see(self, who: Person, account: object) -> Json:
        """The automatic payment of `who`."""
        answer = self.api.get(path(account), headers=who.headers)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def cancel(self, who: Person, account: object) -> httpx.Response:
        """End it."""
        return self.api.delete(path(account), headers=who.headers)

    def saves_a_card(self, who: Person, account: object, card: str = VISA, **ask: Any) -> Json:
        """Set it up with a new card, and through the provider's page to the end."""
        asked = self.put(who, account, **(ask or {"amount": None, "up_to": 10_000_000}))
        assert asked.status_code == 200, asked.text
        assert self.stripe_side.pay(asked.json()["setup_url"], card) == "paid"
        self.drain()
        found = self.see(who, account)
        assert found["status"] == "active"
        return found

    def morning(self, day: str) -> None:
        """The cron of a Moscow day (`2026-12-20`), the day before it done, and all that follows."""
        self.at(day)
        self.done_until(date.fromisoformat(day) - timedelta(days=1))
        self.run_schedule("start_autopayments")
        self.drain()

    def done_until(self, day: date) -> None:
        """As if the cron had run on `day`: other tests may have left any other one."""
        from chalicelib.services.autopay_schedule import CURSOR, Cursor

        Cursor(CURSOR).update([Cursor.day.set(day.isoformat())])

    def at(self, day: str, *, hour: int = 6) -> None:
        """Stand at an hour (UTC) of a day."""
        self.travel.to(datetime.combine(date.fromisoformat(day), time(hour), UTC))

    def charges(self, who: Person) -> list[Json]:
        """What the provider holds of money taken from `who`, oldest first: succeeded intents."""
        import stripe

        from local import environment

        base = f"{self.back.removesuffix('/autopayment')}/_stripe"
        client = stripe.StripeClient(
            environment.STRIPE["STRIPE_SECRET_KEY"],
            base_addresses={"api": base.replace("localhost", "127.0.0.1")},
        )
        found = [
            intent.to_dict()
            for intent in client.v1.payment_intents.list({"limit": 100}).auto_paging_iter()
            if intent.to_dict()["metadata"].get("client_id") == who.client_id
        ]
        return [intent for intent in reversed(found) if intent["status"] == "succeeded"]


def path(account: object) -> str:
    """The door of an account's automatic payment."""
    return f"/v1/accounts/{account}/autopayment"
