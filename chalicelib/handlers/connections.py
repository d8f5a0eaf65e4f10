"""The door of connection applications."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Request, operation
from chalicelib.services.connections import apply_for_connection as apply
from chalicelib.shapes.connections import ApplyForConnection, ConnectionApplicationOut

connections = Blueprint(__name__)


@operation(
    connections,
    "POST",
    "/v1/connection-applications",
    body=ApplyForConnection,
    answers={201: ConnectionApplicationOut},
    refusals=(422, 429),
    idempotency="accepted",
)
def apply_for_connection(request: Request[ApplyForConnection, None]) -> ConnectionApplicationOut:
    """Ask the centre to add an address that was not found."""
    application = apply(request.caller.client_id, request.body)
    return ConnectionApplicationOut(number=application.number, status="accepted")
