"""Settings from the environment, checked once at cold start; nothing else reads `os.environ`.

Names here, in `.chalice/config.json` and in `infra/` are the same words. A secret is given by
value (local runs) or by reference, `ssm:/path/of/parameter`; `clients/secrets.py` resolves it.
"""

import os
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Every setting of the application, with its default where one is safe."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    STAGE: str
    AWS_DEFAULT_REGION: str = "eu-central-1"

    # Names of the tables that infra defines
    LOGINS_TABLE: str
    CLIENTS_TABLE: str
    ACCOUNTS_TABLE: str
    PAYMENTS_TABLE: str
    OUTBOX_TABLE: str
    IMPORTS_TABLE: str
    LIMITS_TABLE: str

    # queues (infra/queues.json), by name: the URL is looked up once per process
    PAYMENT_EVENTS_QUEUE: str
    MESSAGES_QUEUE: str
    AUTOPAY_QUEUE: str
    REMINDERS_QUEUE: str
    IMPORTS_QUEUE: str
    MAIL_EVENTS_QUEUE: str

    # Names of the buckets
    IMPORT_BUCKET: str
    EXPORT_BUCKET: str

    # secrets, by value or by ssm: reference
    TOKEN_KEY: str = Field(repr=False)
    """Signs access tokens and proofs, keys the hashes of phones and codes. At least 32 bytes."""
    STRIPE_SECRET_KEY: str = Field(repr=False)
    STRIPE_WEBHOOK_SECRET: str = Field(repr=False)
    """One or two secrets separated by a comma: two while one is being replaced."""
    TWILIO_ACCOUNT_SID: str
    TWILIO_AUTH_TOKEN: str = Field(repr=False)
    TWILIO_SENDER: str

    # where outside parties are reached when not at their own address (local runs)
    STRIPE_API_BASE: str | None = None
    TWILIO_API_BASE: str | None = None

    PUBLIC_URL: str
    """Where the web cabinet and the API stand, without a final slash; links in letters start so."""
    RETURN_ORIGINS: str
    """Comma-separated origins that a `return_url` may have."""
    MAIL_SENDER: str
    MAIL_CONFIGURATION_SET: str | None = None
    """The SES configuration set that reports bounces and complaints; none in local runs."""
    CENTRE_NAME_RU: str = "Расчётный центр"
    CENTRE_NAME_EN: str = "Settlement centre"

    # sign-in
    PHONE_REGIONS: str = "RU"
    """Comma-separated regions (ISO 3166) whose phones may sign in."""
    PASSWORD_POLICY: str = Field(default="resident", pattern="^(resident|strong)$")
    OTP_SENDS_PER_ADDRESS_HOUR: int = 30
    OTP_SENDS_PER_HOUR: int = 10_000
    """Over all phones: the breaker against SMS pumping."""
    ORIGIN_KEY: str | None = Field(default=None, repr=False)
    """What our distribution says to the API, so that it is believed about a client's address."""

    # proofs
    PROOF_FAILURES_PER_HOUR: int = 1_000
    """Over all clients: the breaker against spraying."""
    HOLDERS_PER_ACCOUNT: int = 20
    """How many clients may hold one account proven; two at the same moment may pass it by one."""
    APPLICATIONS_PER_DAY: int = 5
    """Connection applications of one client."""

    # money
    PAYMENT_MAXIMUM: int = 100_000_000
    """Kopecks in one payment, at most."""
    PAYMENTS_PER_CLIENT_HOUR: int = 100
    """Started by one client: against trying out cards."""
    AUTOPAY_PER_MESSAGE: int = 100

    # files of the billing
    IMPORT_PART_BYTES: int = Field(default=1_000_000, ge=1)
    """What one message takes in, about; a bill's rows stay together."""
    IMPORT_LINE_BYTES: int = Field(default=1_000_000, ge=1)
    """A longer line is refused without being read."""
    IMPORT_PARTS_PER_STEP: int = Field(default=64, ge=1)
    """Parts cut by one message: a step ends well before its function's time."""
    IMPORT_STANDS_STILL_SECONDS: int = Field(default=1_200, ge=0)
    """After which a schedule queues what is left of a file again."""

    TRACING: bool = False
    LOG_LEVEL: str = "INFO"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises `pydantic.ValidationError` when one is missing."""
    return Settings.model_validate(dict(os.environ))
