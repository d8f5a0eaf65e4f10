"""The environment that makes the application run against the embedded cloud.

Set before `app` is imported. Real test keys of Stripe or Twilio in the environment win over the
stand-ins: then the same run uses the real services. Live keys are refused.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local import provision
from local.engines import REGION

STRIPE: Final = {
    "STRIPE_SECRET_KEY": "sk_test_local",
    "STRIPE_WEBHOOK_SECRET": "whsec_local",
}
TWILIO: Final = {
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "local-twilio-token",
    "TWILIO_SENDER": "LKK",
}


class LiveKey(Exception):
    """A key that moves real money stands in the environment."""


@dataclass(frozen=True)
class Outside:
    """Which outside parties are real in this run."""

    stripe: bool = False
    twilio: bool = False


def outside(given: Mapping[str, str] | None = None) -> Outside:
    """What the environment has real test keys for. Raises LiveKey."""
    given = os.environ if given is None else given
    key = given.get("STRIPE_SECRET_KEY", "")
    if key.startswith(("sk_live_", "rk_live_")):
        raise LiveKey("STRIPE_SECRET_KEY is a live key: take a test key (sk_test_…) or unset it")
    stripe = key.startswith(("sk_test_", "rk_test_")) and key != STRIPE["STRIPE_SECRET_KEY"]
    token = given.get("TWILIO_AUTH_TOKEN", "")
    twilio = bool(token and given.get("TWILIO_ACCOUNT_SID") and given.get("TWILIO_SENDER"))
    return Outside(stripe, twilio and token != TWILIO["TWILIO_AUTH_TOKEN"])


def application_environment(
    *, dynamodb_url: str, cloud_url: str, public_url: str, real: Outside | None = None
) -> dict[str, str]:
    """Everything that `chalicelib.config.Settings` and the AWS SDK read, for a local run.

    `public_url` is where a browser finds this run; what runs here finds itself at 127.0.0.1.
    """
    here = public_url.replace("//localhost", "//127.0.0.1")
    real = real or Outside()
    given = {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": cloud_url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
        "AWS_ENDPOINT_URL_SESV2": f"{here}/_ses",
        "STAGE": provision.STAGE,
        **provision.environment(),
        "TOKEN_KEY": "local-token-key-local-token-key-local-token-key",
        "PUBLIC_URL": public_url,
        "RETURN_ORIGINS": ",".join(dict.fromkeys([public_url, here])),
        "MAIL_SENDER": "cabinet@centre.example",
        "OTP_SENDS_PER_ADDRESS_HOUR": "10000",
        "PAYMENTS_PER_CLIENT_HOUR": "10000",
        "IMPORT_STANDS_STILL_SECONDS": "0",  # queues do not survive a start, so nothing may wait
    }
    if real.stripe:
        given["STRIPE_WEBHOOK_SECRET"] = STRIPE["STRIPE_WEBHOOK_SECRET"]
    else:
        given |= {**STRIPE, "STRIPE_API_BASE": f"{here}/_stripe"}
    if not real.twilio:
        given |= {**TWILIO, "TWILIO_API_BASE": f"{here}/_twilio"}
    return given


def apply(environment: dict[str, str]) -> None:
    """Put it into this process's environment; an AWS profile of the person must not mix in."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS"):
        os.environ.pop(name, None)
    os.environ.update(environment)
    for name in ("NO_PROXY", "no_proxy"):  # a proxy of the person's network is not for this machine
        given = os.environ.get(name)
        os.environ[name] = ",".join(filter(None, [given, "127.0.0.1", "localhost"]))
