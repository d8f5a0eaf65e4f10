"""One API request from its key to its answer, without a word of HTTP frameworks.

The order is Stripe's: the secret key, the idempotency key, the parameters, then the work. The work,
its events, its webhooks and the record under the idempotency key are one transaction.
"""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.stripe.call import API_VERSION, Call, new_id
from local.stripe.errors import CardRefused, Json, Refused
from local.stripe.expand import expanded
from local.stripe.faults import SLOWNESS, Faults
from local.stripe.forms import Form, decode
from local.stripe.idempotency import Kept, Keys
from local.stripe.operation import Operation
from local.stripe.provider import Provider


@dataclass(frozen=True)
class Request:
    """What arrived. `path` begins with /v1; `encoded` is the query string or the body."""

    method: str
    path: str
    ids: Mapping[str, str]
    encoded: str
    authorization: str
    idempotency_key: str | None
    id: str = field(default_factory=lambda: new_id("req", 14))


@dataclass(frozen=True)
class Answer:
    """What goes back; `silent` closes the connection instead."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


class Api:
    """Answers requests."""

    def __init__(self, provider: Provider, secret_key: str, faults: Faults) -> None:
        self._provider = provider
        self._secret_key = secret_key
        self._faults = faults
        self._keys = Keys(provider.store)

    def answer(self, request: Request, operation: Operation | None) -> Answer:
        """The answer to a request; an operation of None is an address that is not served."""
        headers = {"Request-Id": request.id, "Stripe-Version": API_VERSION}
        if request.idempotency_key is not None:
            headers["Idempotency-Key"] = request.idempotency_key
        try:
            self._check_secret(request.authorization)
            if operation is None:
                raise _unrecognized(request)
            answer = self._with_faults(request, operation)
        except Refused as error:
            answer = Answer(error.status, error.body())
        return Answer(answer.status, answer.body, {**headers, **answer.headers}, answer.silent)

    def _check_secret(self, authorization: str) -> None:
        given = _secret_of(authorization)
        if not given:
            raise _unauthorized(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY')."
            )
        if not hmac.compare_digest(given.encode(), self._secret_key.encode()):
            raise _unauthorized(f"Invalid API Key provided: {'*' * 8}{given[-4:]}")

    def _with_faults(self, request: Request, operation: Operation) -> Answer:
        fault = self._faults.take(request.path, request.method)
        if fault == "before":
            return Answer(500, _broken().body())
        if fault == "throttle":
            return Answer(429, _throttled().body())
        if fault == "timeout_before":
            return Answer(500, {}, silent=True)
        key = request.idempotency_key if request.method == "POST" else None
        with self._keys.claimed(key):
            if fault == "slow":
                time.sleep(SLOWNESS)
            answer = self._once(request, operation, key, broken=fault == "after")
        return Answer(answer.status, answer.body, answer.headers, silent=fault == "timeout_after")

    def _once(
        self, request: Request, operation: Operation, key: str | None, *, broken: bool
    ) -> Answer:
        """Do the work unless the key's answer is known; `broken` spoils the first answer."""
        form = decode(request.encoded)
        with self._provider.transaction(request.id, key) as call:
            if key is not None:
                kept = self._keys.kept(key, request.path, form, call.now)
                if kept is not None:
                    return _replayed(kept)
            status, body = self._run(call, request, operation, form)
            if broken:
                status, body = 500, _broken().body()
            if key is not None:
                first = Kept(status, body, request.id)
                self._keys.keep(key, request.path, form, call.now, first)
        headers = {"Stripe-Should-Retry": "false"} if broken else {}
        return Answer(status, body, headers)

    def _run(
        self, call: Call, request: Request, operation: Operation, form: Form
    ) -> tuple[int, Json]:
        """Raises Refused for malformed parameters; a refusal of the work itself is an answer."""
        try:
            with self._provider.store.part():
                params = operation.shape(form)
                try:
                    body = operation.run(call, params, **request.ids)
                    return 200, expanded(call, body, params.get("expand") or [])
                except CardRefused as error:
                    return error.status, error.body()
        except Refused as error:
            if not error.executed:
                raise
            return error.status, error.body()


def _secret_of(authorization: str) -> str:
    """The key of `Bearer <key>` or of `Basic` with the key as the user's name; "" without one."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _replayed(kept: Kept) -> Answer:
    headers = {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
    return Answer(kept.status, kept.body, headers)


def _unauthorized(message: str) -> Refused:
    return Refused(message, status=401, executed=False)


def _unrecognized(request: Request) -> Refused:
    return Refused(
        f"Unrecognized request URL ({request.method}: {request.path}).",
        status=404,
        executed=False,
    )


def _broken() -> Refused:
    return Refused("An unknown error occurred", status=500, kind="api_error", executed=False)


def _throttled() -> Refused:
    return Refused("Request rate limit exceeded", status=429, code="rate_limit", executed=False)
