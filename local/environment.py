"""The environment that makes the application run against the embedded cloud.

Set before `app` is imported. Real test keys of Stripe or Twilio in the environment win over the
stand-ins: then the same run uses the real services.
"""

import os
from typing import Final

from local import provision

REGION = "eu-central-1"
LOCAL_SECRETS: Final = {
    "TOKEN_KEY": "local-token-key-local-token-key-local-token-key",
    "STRIPE_SECRET_KEY": "sk_test_local",
    "STRIPE_WEBHOOK_SECRET": "whsec_local",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "local-twilio-token",
    "TWILIO_SENDER": "LKK",
}


def application_environment(
    *, dynamodb_url: str, cloud_url: str, public_url: str
) -> dict[str, str]:
    """Everything that `chalicelib.config.Settings` and the AWS SDK read, for a local run."""
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": cloud_url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
        "AWS_ENDPOINT_URL_SESV2": f"{public_url}/_ses",
        "STAGE": provision.STAGE,
        **provision.environment(),
        **LOCAL_SECRETS,
        "STRIPE_API_BASE": f"{public_url}/_stripe",
        "TWILIO_API_BASE": f"{public_url}/_twilio",
        "PUBLIC_URL": public_url,
        "RETURN_ORIGINS": public_url,
        "MAIL_SENDER": "cabinet@centre.example",
        "OTP_SENDS_PER_ADDRESS_HOUR": "10000",
        "TRUSTED_PROXIES": "0",
    }


def apply(environment: dict[str, str]) -> None:
    """Put it into this process's environment."""
    os.environ.update(environment)
