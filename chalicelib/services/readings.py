"""Submitting readings: judged together, stored together with the answer, or not at all.

Two calls: one batch with everything that a rule looks at, one transaction. The devices' versions
stand in the transaction's conditions, so of two people at once one is judged by the other's values.
"""

import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib import clock
from chalicelib.clock import moscow_day
from chalicelib.errors import Code, FieldError, NotFound, Refused, Unavailable
from chalicelib.ids import derived_id
from chalicelib.models.account import ITEM as ACCOUNT
from chalicelib.models.account import Account
from chalicelib.models.accounts_table import export_key
from chalicelib.models.base import Refusal, Transaction, batch_get
from chalicelib.models.holder import Holder, holder_item
from chalicelib.models.idempotency import DONE, IdempotencyRecord
from chalicelib.models.meter import Meter, meter_item, received
from chalicelib.models.reading import ACCEPTED, CABINET, REPLACED, Reading, reading_item
from chalicelib.observability import count
from chalicelib.rules.readings import HIGH_CONSUMPTION, Problem, Verdict, judge
from chalicelib.rules.taken import taken_moment, window_for
from chalicelib.rules.windows import Window
from chalicelib.services import idempotency
from chalicelib.services.access import holder_key, require_holder
from chalicelib.services.dials import dial_of
from chalicelib.services.idempotency import Ask, Kept
from chalicelib.services.windows import account_window
from chalicelib.shapes.readings import SubmitReadings, SubmittedListOut, SubmittedOut

TRIES: Final = 12
"""Times a request is judged anew because somebody else was quicker."""
CREATED: Final = 201
CHECKED: Final = 200


@dataclass(frozen=True)
class _State:
    """What the batch brought."""

    record: IdempotencyRecord | None
    now: datetime
    taken_at: datetime
    """When the readings were read off: before `now` where they waited for a connection."""
    window: Window
    meters: Mapping[str, Meter]


def submit(client_id: str, account_number: str, ask: SubmitReadings, once: Ask | None) -> Kept:
    """Judge and store; the answer, kept for the same key. One batch, one transaction.

    With `dry_run` the batch alone, and `once` is not looked at. Readings `taken_at` an earlier moment
    are judged as of then. Raises Refused with one entry per refused meter or zone, NotFound,
    Forbidden `account_not_verified`, Conflict (idempotency).
    """
    if ask.dry_run:
        return _check(client_id, account_number, ask)
    assert once is not None
    for attempt in range(TRIES):
        now = clock.now()
        state = _read(client_id, account_number, ask, once, now)
        kept = idempotency.answer_of(state.record, once, now)
        if kept is not None:
            return kept
        made = [
            _reading(once, account_number, each.meter_id, verdict, state)
            for each, verdict in zip(ask.readings, _judged(ask, state), strict=True)
        ]
        try:
            return _store(once, made, state)
        except Refusal:
            time.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 5)))  # noqa: S311
    raise Unavailable(Code.TRY_AGAIN, retry_after_seconds=1)


def _check(client_id: str, account_number: str, ask: SubmitReadings) -> Kept:
    now = clock.now()
    state = _read(client_id, account_number, ask, None, now)
    items = [
        _shown(None, each.meter_id, verdict, state)
        for each, verdict in zip(ask.readings, _judged(ask, state), strict=True)
    ]
    count("readings", len(items), outcome="checked")
    return Kept(CHECKED, SubmittedListOut(items=items).model_dump_json())


def _read(
    client_id: str, account_number: str, ask: SubmitReadings, once: Ask | None, now: datetime
) -> _State:
    taken_at = taken_moment(ask.taken_at, now)
    ids = list(dict.fromkeys(each.meter_id for each in ask.readings))
    keys: list[tuple[type[Model], str, str | None]] = [
        holder_key(account_number, client_id),
        (Account, account_number, ACCOUNT),
        *((Meter, account_number, meter_item(each)) for each in ids),
    ]
    if once is not None:
        keys.append((IdempotencyRecord, client_id, once.item))
    found = batch_get(keys)
    require_holder(found[0])
    account = found[1]
    if not isinstance(account, Account):
        raise NotFound
    record = found[-1]
    return _State(
        record=record if isinstance(record, IdempotencyRecord) else None,
        now=now,
        taken_at=taken_at,
        window=window_for(account_window(account), taken_at, now),
        meters={m.meter_id: m for m in found if isinstance(m, Meter)},
    )


def _judged(ask: SubmitReadings, state: _State) -> list[Verdict]:
    """One verdict per reading, all of them good. Raises Refused."""
    verdicts: list[Verdict] = []
    errors: list[FieldError] = []
    seen: set[str] = set()
    for place, each in enumerate(ask.readings):
        meter = state.meters.get(each.meter_id)
        if meter is None:
            verdict = Verdict((Problem(Code.METER_UNKNOWN),))
        elif each.meter_id in seen:
            verdict = Verdict((Problem(Code.METER_REPEATED),))
        elif _newer_stands(meter, state):
            verdict = Verdict((Problem(Code.READING_OUTDATED),))
        else:
            verdict = judge(
                dial_of(meter),
                each.values,
                state.window,
                moscow_day(state.taken_at),
                confirmed=ask.confirm_high_consumption,
            )
        seen.add(each.meter_id)
        verdicts.append(verdict)
        errors += _errors(place, verdict.problems)
    if errors:
        count("readings", len(ask.readings), outcome="refused")
        raise _refusal(errors, state.window)
    return verdicts


def _newer_stands(meter: Meter, state: _State) -> bool:
    """Whether somebody sent a value read off later while this one waited."""
    standing = meter.submitted(state.window.period)
    return standing is not None and datetime.fromisoformat(standing["at"]) > state.taken_at


def _errors(place: int, problems: Iterable[Problem]) -> Iterable[FieldError]:
    for problem in problems:
        field = f"readings[{place}]"
        if problem.zone is not None:
            field += f".values.{problem.zone}"
        elif problem.code in (Code.METER_UNKNOWN, Code.METER_REPEATED):
            field += ".meter_id"
        yield FieldError(field, problem.code, dict(problem.params))


def _refusal(errors: list[FieldError], window: Window) -> Refused:
    """The refusal of the whole: under the entries' own code when they agree on one."""
    first = errors[0]
    if any(error.code != first.code for error in errors):
        return Refused(Code.READINGS_REFUSED, errors=tuple(errors))
    extra = window_days(window) if first.code is Code.WINDOW_CLOSED else None
    return Refused(first.code, errors=tuple(errors), extra=extra, **first.params)


def window_days(window: Window) -> dict[str, Any]:
    """The window as members of a problem."""
    return {"opens_on": window.opens_on.isoformat(), "closes_on": window.closes_on.isoformat()}


def _reading(
    once: Ask, number: str, meter_id: str, verdict: Verdict, state: _State
) -> tuple[Reading, Verdict]:
    period = state.window.period
    reading_id = derived_id("rd", once.client_id, once.key, number, meter_id, period)
    reading = Reading(
        number,
        reading_item(state.taken_at, meter_id, reading_id),
        reading_id=reading_id,
        meter_id=meter_id,
        period=period,
        values=dict(verdict.values),
        consumption=dict(verdict.consumption),
        taken_at=state.taken_at,
        received_at=state.now,
        source=CABINET,
        client_id=once.client_id,
        state=ACCEPTED,
        high_confirmed=HIGH_CONSUMPTION in verdict.warnings,
        export=export_key("readings", moscow_day(state.now), reading_id),
    )
    return reading, verdict


def _store(once: Ask, made: list[tuple[Reading, Verdict]], state: _State) -> Kept:
    items = [
        _shown(reading.reading_id, reading.meter_id, verdict, state) for reading, verdict in made
    ]
    kept = Kept(CREATED, SubmittedListOut(items=items).model_dump_json())
    t = Transaction()
    # whoever lost the right to the account meanwhile submits nothing any more
    right = Holder(made[0][0].account_number, holder_item(once.client_id))
    t.check("holder", right, Holder.verified == True)  # noqa: E712 - for DynamoDB
    replaced = 0
    for reading, _ in made:
        replaced += _put(t, reading, state.meters[reading.meter_id], state.now)
    record = idempotency.record_of(once, state.now, state=DONE)
    record.status, record.body = kept.status, kept.body
    t.put("once", record, idempotency.free(once, state.now))
    t.commit()
    count("readings", len(made) - replaced, outcome="accepted")
    if replaced:
        count("readings", replaced, outcome="replaced")
    return kept


def _put(t: Transaction, reading: Reading, meter: Meter, now: datetime) -> bool:
    """The reading, its device's newest values, and the one that it replaces, if any."""
    t.put(f"reading:{reading.meter_id}", reading, Reading.item.does_not_exist())
    standing = meter.submitted(reading.period)
    newest = meter.with_submitted(
        reading.period,
        reading.values,
        reading.reading_id,
        reading.taken_at,
        reading.source,
        received_at=now,
    )
    # pynamodb adds the condition that the version is still the one that was read
    t.update(f"meter:{meter.meter_id}", meter, [Meter.last_accepted.set(newest)])
    if standing is None:
        return False
    taken_at = datetime.fromisoformat(standing["at"])
    old = Reading(
        reading.account_number,
        reading_item(taken_at, meter.meter_id, standing["reading_id"]),
    )
    actions: list[Action] = [Reading.state.set(REPLACED)]
    if not has_left(received(standing), now):
        actions.append(Reading.export.remove())
    t.update(f"old:{meter.meter_id}", old, actions, Reading.item.exists())
    return True


def has_left(received_at: datetime, now: datetime) -> bool:
    """Whether a reading belongs to a day whose export is due already: then it stays in it."""
    return moscow_day(received_at) < moscow_day(now)


def _shown(reading_id: str | None, meter_id: str, verdict: Verdict, state: _State) -> SubmittedOut:
    values: dict[str, Any] = {
        "id": reading_id,
        "meter_id": meter_id,
        "values": dict(verdict.values),
        "consumption": dict(verdict.consumption),
        "taken_at": state.taken_at,
        "counts_for": state.window.period,
        "source": CABINET,
        "warnings": list(verdict.warnings),
    }
    return SubmittedOut.model_validate(values)
