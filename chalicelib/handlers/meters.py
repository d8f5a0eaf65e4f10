"""Doors of metering devices and their readings."""

from datetime import datetime

from chalice.app import Blueprint

from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.models.reading import Reading
from chalicelib.services import meters as service
from chalicelib.services import reading_history, readings
from chalicelib.shapes.readings import (
    BilledOut,
    CapacityOut,
    LastSubmittedOut,
    MeterOut,
    MetersOut,
    MetersQuery,
    ReadingOut,
    ReadingsOut,
    ReadingsQuery,
    SubmitOut,
    SubmitReadings,
    SubmittedListOut,
)

meters = Blueprint(__name__)


@operation(
    meters,
    "GET",
    "/v1/accounts/{account_number}/meters",
    query=MetersQuery,
    answers={200: MetersOut},
    refusals=(403,),
)
def list_meters(request: Request[None, MetersQuery], account_number: str) -> MetersOut:
    """The account's metering devices: last values, the reading window, what is still to submit."""
    views, cursor = service.list_meters(
        request.caller.client_id, account_number, request.query.limit, request.query.cursor
    )
    return MetersOut(items=[_meter(view) for view in views], next_cursor=cursor)


@operation(
    meters,
    "POST",
    "/v1/accounts/{account_number}/readings",
    body=SubmitReadings,
    answers={201: SubmittedListOut, 200: SubmittedListOut},
    refusals=(403, 503),
    idempotency="required",
    own_idempotency=True,
)
def submit_readings(request: Request[SubmitReadings, None], account_number: str) -> Answer:
    """Submit readings of one or several meters: all are taken or none. Dry run: 200."""
    kept = readings.submit(request.caller.client_id, account_number, request.body, request.once)
    return Answer(kept.body, kept.status)


@operation(
    meters,
    "GET",
    "/v1/accounts/{account_number}/readings",
    query=ReadingsQuery,
    answers={200: ReadingsOut},
    refusals=(403,),
)
def list_readings(request: Request[None, ReadingsQuery], account_number: str) -> ReadingsOut:
    """The history of readings, newest first: of one meter and of some months, if asked."""
    query = request.query
    found, cursor = reading_history.list_readings(
        request.caller.client_id,
        account_number,
        reading_history.Wanted(query.meter_id, query.from_, query.to),
        query.limit,
        query.cursor,
    )
    return ReadingsOut(items=[_reading(each) for each in found], next_cursor=cursor)


@operation(
    meters,
    "DELETE",
    "/v1/accounts/{account_number}/readings/{reading_id}",
    answers={204: None},
    refusals=(403, 409, 503),
)
def undo_reading(request: Request[None, None], account_number: str, reading_id: str) -> None:
    """Undo a reading while the window of its month is open."""
    reading_history.undo(request.caller.client_id, account_number, reading_id)


def _reading(reading: Reading) -> ReadingOut:
    return ReadingOut(
        id=reading.reading_id,
        meter_id=reading.meter_id,
        values=reading.values,
        consumption=reading.consumption,
        taken_at=reading.taken_at,
        counts_for=reading.period,
        source=reading.source,
        state=reading.state,
    )


def _meter(view: service.MeterView) -> MeterOut:
    meter, last = view.meter, view.last_submitted
    return MeterOut(
        id=meter.meter_id,
        number=meter.number,
        service=meter.service,
        unit=meter.unit,
        capacity=CapacityOut(
            integer=int(meter.capacity_integer), fraction=int(meter.capacity_fraction)
        ),
        zones=list(meter.zones),
        verification_due=meter.verification_due,
        status=view.status,
        last_billed=BilledOut(**meter.last_billed) if meter.last_billed else None,
        last_submitted=(
            LastSubmittedOut(
                values=last["values"],
                at=datetime.fromisoformat(last["at"]),
                source=last["source"],
            )
            if last
            else None
        ),
        previous=view.previous,
        mean_consumption=view.mean,
        submit=SubmitOut(
            open=view.window.open,
            opens_on=view.window.opens_on,
            closes_on=view.window.closes_on,
            needed=view.needed,
        ),
    )
