"""Doors that tell about the service itself: health."""

from chalice.app import Blueprint

from chalicelib.handlers.edge import Request, operation
from chalicelib.shapes.service import Health

service = Blueprint(__name__)


@operation(service, "GET", "/v1/health", answers={200: Health}, signed_in=False)
def health(_: Request[None, None]) -> Health:
    """Whether the API answers. Touches nothing."""
    return Health(status="ok")
