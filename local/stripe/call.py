"""One call of the API, or one act of a person, with the transaction it happens in.

Operations get a `Call`: it finds and keeps objects, tells the time, and records events. Fields whose
names begin with an underscore are the stand-in's own notes and never leave it.
"""

import secrets
import string
from dataclasses import dataclass
from typing import Any

from local.stripe.errors import Json, Refused
from local.stripe.outbox import Outbox
from local.stripe.store import Query, Store

API_VERSION = "2026-10-28.endive"
"""The version the pinned SDK speaks (`stripe.api_version` of 16.1.0)."""

_LABELS = {"setup_intent": "setupintent", "payment_method": "PaymentMethod"}
_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """A fresh id in Stripe's form: `pi_` and letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def public(item: Json) -> Json:
    """The object as the API shows it."""
    return {name: value for name, value in item.items() if not name.startswith("_")}


def changed(old: Json, new: Json) -> Json:
    """`previous_attributes` of an update: the old values of what differs, mappings by their keys."""
    previous: Json = {}
    for name, value in new.items():
        before = old.get(name)
        if before == value:
            continue
        if isinstance(before, dict) and isinstance(value, dict):
            names = before.keys() | value.keys()
            previous[name] = {
                key: before.get(key) for key in sorted(names) if before.get(key) != value.get(key)
            }
        else:
            previous[name] = before
    return previous


def absent(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> Refused:
    """An id that names nothing: 404 when it is in the path, 400 when it is in a parameter."""
    label = _LABELS.get(kind, kind)
    return Refused(
        f"No such {label}: '{object_id}'", status=status, code="resource_missing", param=param
    )


@dataclass(frozen=True)
class Call:
    """The work of one call. `now` is in Unix seconds of the injected clock."""

    store: Store
    outbox: Outbox
    now: int
    public_base: str
    request_id: str | None = None
    idempotency_key: str | None = None

    def new(self, kind: str, prefix: str, **fields: Any) -> Json:
        """An object with the fields that all have; it is not stored before `add`."""
        return {
            "id": new_id(prefix),
            "object": kind,
            "created": self.now,
            "livemode": False,
            **fields,
        }

    def add(self, item: Json) -> None:
        self.store.add(item)

    def save(self, item: Json) -> None:
        self.store.save(item)

    def named(self, kind: str, object_id: str, param: str = "id") -> Json:
        """The object in the path of the request. Raises Refused, 404."""
        return self._find(kind, object_id, param, 404)

    def given(self, kind: str, object_id: str, param: str) -> Json:
        """The object that a parameter names, unless it was deleted. Raises Refused, 400."""
        item = self._find(kind, object_id, param, 400)
        if item.get("deleted"):
            raise absent(kind, object_id, param=param, status=400)
        return item

    def _find(self, kind: str, object_id: str, param: str, status: int) -> Json:
        item = self.store.find(kind, object_id)
        if item is None:
            raise absent(kind, object_id, param=param, status=status)
        return item

    def update(self, item: Json, event: str, **fields: Any) -> None:
        """Set fields, save, and record the event with the values they had before."""
        before = dict(item)
        item.update(fields)
        self.save(item)
        self.emit(event, item, previous=changed(public(before), public(item)))

    def emit(self, event_type: str, item: Json, previous: Json | None = None) -> None:
        """Record an event with a snapshot of the object, and its webhook."""
        data: Json = {"object": public(item)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = self.new(
            "event",
            "evt",
            api_version=API_VERSION,
            data=data,
            request={"id": self.request_id, "idempotency_key": self.idempotency_key},
            type=event_type,
        )
        self.add(event)
        self.outbox.put(event["id"])

    def all(self, kind: str, **equal: str | int | None) -> list[Json]:
        """Every object with these fields, newest first."""
        return self.store.newest(Query(kind, equal=equal, limit=10**9))[0]

    def page(self, url: str, kind: str, params: Json, **equal: str | int | None) -> Json:
        """The list answer for `limit`, `starting_after`, `ending_before` and `created`.

        https://docs.stripe.com/api/pagination
        """
        query = Query(
            kind,
            equal=equal,
            created=params.get("created", {}),
            one_of=params.get("one_of"),
            limit=params.get("limit", 10),
            after=self._place(kind, params, "starting_after"),
            before=self._place(kind, params, "ending_before"),
        )
        items, more = self.store.newest(query)
        return list_object(url, [public(item) for item in items], more=more)

    def _place(self, kind: str, params: Json, param: str) -> int | None:
        if param not in params:
            return None
        place = self.store.place_of(kind, params[param])
        if place is None:
            raise absent(kind, params[param], param=param, status=400)
        return place


def list_object(url: str, items: list[Json], *, more: bool = False) -> Json:
    """Stripe's list answer."""
    return {"object": "list", "data": items, "has_more": more, "url": url}
