"""Applications to connect an address that the centre does not know yet."""

import secrets
from datetime import date, timedelta
from typing import Final

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.errors import Code, FieldError, Refused, TooMany
from chalicelib.ids import new_id
from chalicelib.models.application import ConnectionApplication, application_item
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.limits import AtMost, Limit, Ring
from chalicelib.observability import count
from chalicelib.rules import emails, people, phones
from chalicelib.services.messages import Message, MessageKind, dispatch, intend
from chalicelib.shapes.connections import ApplyForConnection

_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTER_COUNT: Final = 7


def apply_for_connection(client_id: str, ask: ApplyForConnection) -> ConnectionApplication:
    """Store an application under a fresh number. One transaction.

    A letter about it goes to the client's own confirmed address, never to the one just typed.
    Raises Refused on a name, the e-mail or the phone, TooMany `too_many_applications`.
    """
    at = clock.now()
    _check_names(ask)
    regions = frozenset(settings().PHONE_REGIONS.split(","))
    application_id = new_id("app")
    application = ConnectionApplication(
        client_id,
        application_item(application_id),
        application_id=application_id,
        number=_number(clock.moscow_day(at)),
        email=emails.canonical(ask.email),
        phone=phones.canonical(ask.phone, regions) if ask.phone is not None else None,
        created_at=at,
        **ask.model_dump(exclude={"email", "phone"}),
    )
    ring = Ring("sent", AtMost(settings().APPLICATIONS_PER_DAY, timedelta(days=1)))
    t = Transaction()
    t.put("application", application, ConnectionApplication.item.does_not_exist())
    t.update(
        "limit",
        Limit(f"applications#{client_id}"),
        [*ring.push(at), Limit.ttl.set(int((at + timedelta(days=2)).timestamp()))],
        ring.room(at),
    )
    letter = intend(t, _accepted(application), at)
    try:
        t.commit()
    except Refusal as refusal:
        if refusal.labels != {"limit"}:
            raise
        raise TooMany(
            Code.TOO_MANY_APPLICATIONS,
            retry_after_seconds=max(1, ring.wait_seconds(refusal.item("limit"), at)),
        ) from refusal
    dispatch([letter])
    count("connection_applications")
    return application


def _check_names(ask: ApplyForConnection) -> None:
    names = ("last_name", "first_name", "middle_name")
    odd = [name for name in names if not people.is_name(getattr(ask, name) or "А")]
    if odd:
        raise Refused(
            Code.INVALID_REQUEST,
            errors=tuple(FieldError(name, Code.FIELD_INVALID) for name in odd),
        )


def _number(day: date) -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LETTER_COUNT))
    return f"{day:%y%m%d}-{letters}"


def _accepted(application: ConnectionApplication) -> Message:
    return Message(
        kind=MessageKind.CONNECTION_ACCEPTED,
        client_id=application.client_id,
        key=application.application_id,
        params={"number": application.number},
    )
