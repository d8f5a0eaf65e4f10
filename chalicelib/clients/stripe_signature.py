"""The signature of the provider's webhooks: https://docs.stripe.com/webhooks/signature

Checked by hand on the raw bytes: the SDK accepts moments in the future, turns its tolerance off for
zero, and would be loaded for one HMAC. The age is judged by the machine's clock, as the sender's is.
"""

import hashlib
import hmac
import re
import time

from chalicelib.clients.secrets import secret
from chalicelib.config import settings

TOLERANCE_SECONDS = 300

_TIME = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class SignatureInvalid(Exception):
    """Not signed with a secret of ours, or not now."""


def verify(raw_body: bytes, header: str | None) -> None:
    """Raises SignatureInvalid unless `raw_body` is signed in `header`, within five minutes."""
    at, signatures = _parts(header or "")
    if abs(time.time() - at) > TOLERANCE_SECONDS:
        raise SignatureInvalid
    expected = [_signed(key, at, raw_body) for key in _secrets()]
    # Every pair is compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(e, s) for e in expected for s in signatures]
    if not any(matches):
        raise SignatureInvalid


def _parts(header: str) -> tuple[int, list[str]]:
    """`t=1700000000,v1=<hex>,v1=<hex>,v0=…`: one time, one signature per secret in use."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and _SIGNATURE.fullmatch(value)]
    if len(times) != 1 or not _TIME.fullmatch(times[0]) or not signatures:
        raise SignatureInvalid
    return int(times[0]), signatures[:8]


def _signed(key: str, at: int, raw_body: bytes) -> str:
    return hmac.new(key.encode(), b"%d." % at + raw_body, hashlib.sha256).hexdigest()


def _secrets() -> list[str]:
    """One secret, or two while one replaces the other; an empty one signs nothing."""
    both = secret(settings().STRIPE_WEBHOOK_SECRET).split(",")
    return [each.strip() for each in both if each.strip()]
