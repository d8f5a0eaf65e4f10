"""What a door of the API is, as declared: the edge serves it, the contract publishes it."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

REFRESH_TOKEN_HEADER = "X-Refresh-Token"  # noqa: S105 - a header's name
RefreshCookie = Literal["cookie", "session-cookie"]
REFRESH_COOKIES: Final[tuple[RefreshCookie, ...]] = ("cookie", "session-cookie")
"""How a browser may ask to keep it: for its lifetime, or until the browser closes."""
Idempotency = Literal["required", "accepted"]


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    `answers` maps statuses to shapes, the usual one first; `refusals` are the statuses of the
    operation's own refusals. `own_idempotency`: its service keeps the answer in the transaction
    of its effect. `raw_header`: the body is opaque and this header signs it.
    `refresh_cookie`: a browser may have the refresh token in a cookie.
    """

    name: str
    method: str
    path: str
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answers: dict[int, type[BaseModel] | None]
    refusals: tuple[int, ...]
    signed_in: bool
    idempotency: Idempotency | None
    own_idempotency: bool
    media_type: str = "application/json"
    raw_header: str | None = None
    refresh_cookie: bool = False
    body_limit_bytes: int = 64_000

    @property
    def reads_a_body(self) -> bool:
        """Whether a body is read as JSON; of most that need none, to refuse what cannot be meant."""
        return self.body is not None or (self.method != "GET" and self.raw_header is None)

    @property
    def all_refusals(self) -> list[int]:
        """Every status of a problem that this operation can answer."""
        statuses = set(self.refusals)
        if self.reads_a_body:
            statuses |= {400, 413, 415, 422}
        if self.raw_header is not None:
            statuses |= {400, 413}
        if self.query is not None:
            statuses.add(422)
        if self.refresh_cookie:
            statuses.add(403)
        if self.signed_in:
            statuses.add(401)
        if "{" in self.path:
            statuses.add(404)
        if self.idempotency is not None:
            statuses |= {400, 409}
        if self.signed_in or self.body is not None:
            statuses.add(503)
        return sorted(statuses)
