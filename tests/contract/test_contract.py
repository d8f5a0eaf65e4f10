"""The published contract, tried out by schemathesis, signed in: no input makes it lie or fall over.

Each operation gets generated requests, good and bad; the checks hold statuses, shapes, content
types, and that what the contract refuses is refused. The client that asks holds real accounts, and
account numbers in paths are theirs, so that requests get past the first look-up.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import HealthCheck, settings

from app import app
from local.gateway import Gateway
from tests.builders import Centre, Person

EXAMPLES = 25
"""Requests per operation and run."""


class GatewayAsWsgi:
    """The local gateway as a WSGI application, which is what schemathesis can call in-process."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        """Answer one request."""
        headers = {
            key.removeprefix("HTTP_").replace("_", "-").lower(): value
            for key, value in environ.items()
            if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        }
        query = environ.get("QUERY_STRING")
        path = quote(environ["PATH_INFO"].encode("latin-1"))  # WSGI hands it over decoded
        target = path + (f"?{query}" if query else "")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = self._gateway.answer(environ["REQUEST_METHOD"], target, headers, body)
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", answer.headers)
        return iter([answer.body])


CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            # Well-formed requests may still be refused by a rule (422), meet a used link or code
            # (410) or the present state (409): all of them documented answers.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", 304, 400, 401, 403, 404, 409, 410, 422, 429]
            }
        }
    }
)
schema = schemathesis.openapi.from_wsgi(
    "/v1/openapi.json", GatewayAsWsgi(Gateway(app)), config=CONFIG
)


_world: dict[str, Any] = {}


def _resident() -> Person:
    """A client who holds an account with bills and meters, made once."""
    if not _world:
        _world["account"] = Centre().account(meters=2)
        _world["resident"] = Person().registers().holds(_world["account"])
    resident: Person = _world["resident"]
    return resident


@schema.auth()
class SignedIn:
    """Requests carry the resident's access token."""

    def get(self, _case: "schemathesis.Case[Any]", _context: schemathesis.AuthContext) -> str:
        """A fresh token."""
        return _resident().headers["Authorization"]

    def set(
        self, case: "schemathesis.Case[Any]", data: str, _context: schemathesis.AuthContext
    ) -> None:
        """Put it into the request."""
        case.headers["Authorization"] = data


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_the_contract_holds_for_any_request(case: "schemathesis.Case[Any]") -> None:
    number = case.path_parameters.get("account_number")
    if isinstance(number, str) and re.fullmatch(r"[0-9]{6,20}", number):
        _resident()
        case.path_parameters["account_number"] = _world["account"].number

    case.call_and_validate()
