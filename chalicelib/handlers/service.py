"""Doors that tell about the service itself: health, the contract, the contract as a page."""

from functools import lru_cache

from chalice.app import Blueprint

from chalicelib import contract_page, openapi
from chalicelib.handlers.edge import OPERATIONS, Answer, Request, operation
from chalicelib.shapes.service import Contract, Health

service = Blueprint(__name__)

# The page has no script and loads nothing from anywhere.
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@operation(service, "GET", "/v1/health", answers={200: Health}, signed_in=False)
def health(_: Request[None, None]) -> Health:
    """Whether the API answers. Touches nothing."""
    return Health(status="ok")


@operation(service, "GET", "/v1/openapi.json", answers={200: Contract}, signed_in=False)
def openapi_document(_: Request[None, None]) -> Contract:
    """The contract, as OpenAPI 3.1."""
    return _contract()


@operation(service, "GET", "/v1/docs", answers={200: None}, signed_in=False, media_type="text/html")
def docs_page(_: Request[None, None]) -> Answer:
    """The contract, as a page to read."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _PAGE_POLICY,
    }
    return Answer(_page(), headers=headers)


@lru_cache(maxsize=1)
def _contract() -> Contract:
    return Contract(openapi.document(OPERATIONS))


@lru_cache(maxsize=1)
def _page() -> str:
    return contract_page.render(_contract().root)
