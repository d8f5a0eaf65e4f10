"""What can go wrong, as people and programs see it: a status, a stable code, never a text.

Texts live in `locales/` under the code; `handlers/edge.py` turns these into problem+json.
"""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Code(StrEnum):
    """Every `code` the API answers with. Each has a text in every language (held by a test)."""

    # the edge
    MALFORMED_JSON = "malformed_json"
    MALFORMED_REQUEST = "malformed_request"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    BODY_TOO_LARGE = "body_too_large"
    PATH_UNKNOWN = "path_unknown"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_SIGNED_IN = "not_signed_in"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a secret
    NOT_FOUND = "not_found"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    INVALID_REQUEST = "invalid_request"
    INTERNAL = "internal"
    TRY_AGAIN = "try_again"
    IDEMPOTENCY_KEY_REQUIRED = "idempotency_key_required"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    # fields
    UNKNOWN_FIELD = "unknown_field"
    FIELD_REQUIRED = "field_required"
    FIELD_INVALID = "field_invalid"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    OUT_OF_RANGE = "out_of_range"
    CONTROL_CHARACTERS = "control_characters"
    MIXED_ALPHABETS = "mixed_alphabets"
    PHONE_INVALID = "phone_invalid"
    PHONE_REGION_NOT_ALLOWED = "phone_region_not_allowed"
    EMAIL_INVALID = "email_invalid"
    DATE_INVALID = "date_invalid"
    CURSOR_INVALID = "cursor_invalid"
    # accounts
    ACCOUNT_NOT_VERIFIED = "account_not_verified"
    PROOF_FAILED = "proof_failed"
    TOO_MANY_PROOFS = "too_many_proofs"
    PROOF_INVALID = "proof_invalid"
    EITHER_OR = "either_or"
    TOO_MANY_HOLDERS = "too_many_holders"
    TOO_MANY_APPLICATIONS = "too_many_applications"
    # payments
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    RECENT_PAYMENT = "recent_payment"
    RETURN_URL_NOT_ALLOWED = "return_url_not_allowed"
    TOO_MANY_ACCOUNTS = "too_many_accounts"
    ACCOUNT_REPEATED = "account_repeated"
    NOTHING_TO_PAY = "nothing_to_pay"
    PAYMENT_NOT_PAID = "payment_not_paid"
    TOO_MANY_RECEIPTS = "too_many_receipts"
    TOO_MANY_PAYMENTS = "too_many_payments"
    WEBHOOK_SIGNATURE_INVALID = "webhook_signature_invalid"
    CARD_UNKNOWN = "card_unknown"
    # readings
    READINGS_REFUSED = "readings_refused"
    METER_UNKNOWN = "meter_unknown"
    METER_REPEATED = "meter_repeated"
    METER_FAULTY = "meter_faulty"
    VERIFICATION_EXPIRED = "verification_expired"
    WINDOW_CLOSED = "window_closed"
    ZONE_UNKNOWN = "zone_unknown"
    READING_MISSING = "reading_missing"
    READING_NOT_A_NUMBER = "reading_not_a_number"
    READING_NEGATIVE = "reading_negative"
    READING_ZERO = "reading_zero"
    READING_BELOW_PREVIOUS = "reading_below_previous"
    TOO_MANY_FRACTION_DIGITS = "too_many_fraction_digits"
    EXCEEDS_CAPACITY = "exceeds_capacity"
    CONSUMPTION_TOO_HIGH = "consumption_too_high"
    CONSUMPTION_NEEDS_CONFIRMATION = "consumption_needs_confirmation"
    READING_CANNOT_BE_UNDONE = "reading_cannot_be_undone"
    READING_OUTDATED = "reading_outdated"
    TAKEN_TOO_LONG_AGO = "taken_too_long_ago"
    MOMENT_INVALID = "moment_invalid"
    # signing in
    OTP_RESEND_TOO_EARLY = "otp_resend_too_early"
    OTP_LIMIT_REACHED = "otp_limit_reached"
    OTP_CODE_WRONG = "otp_code_wrong"
    OTP_CHALLENGE_GONE = "otp_challenge_gone"
    CONSENT_REQUIRED = "consent_required"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    REFRESH_TOKEN_INVALID = "refresh_token_invalid"  # noqa: S105 - a code, not a secret
    LOGIN_OR_PASSWORD_WRONG = "login_or_password_wrong"  # noqa: S105 - same
    EMAIL_NOT_CONFIRMED = "email_not_confirmed"
    FRESH_CODE_REQUIRED = "fresh_code_required"
    PHONE_TAKEN = "phone_taken"
    EMAIL_TAKEN = "email_taken"
    EMAIL_ABSENT = "email_absent"
    EMAIL_CONFIRMED_ALREADY = "email_confirmed_already"
    LINK_GONE = "link_gone"
    PASSWORD_POLICY = "password_policy"  # noqa: S105 - same
    PASSWORD_WRONG = "password_wrong"  # noqa: S105 - same
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105 - same
    PASSWORD_CHARACTERS = "password_characters"  # noqa: S105 - same
    PASSWORD_REPEATED_DIGITS = "password_repeated_digits"  # noqa: S105 - same
    PASSWORD_COMMON = "password_common"  # noqa: S105 - same
    # rows of the billing's files
    FILE_UNREADABLE = "file_unreadable"
    FILE_EMPTY = "file_empty"
    FILE_KIND_UNKNOWN = "file_kind_unknown"
    FILE_REPLACED = "file_replaced"
    ROW_UNREADABLE = "row_unreadable"
    ROW_TOO_LONG = "row_too_long"
    ROW_CELLS_EXTRA = "row_cells_extra"
    ENCODING_INVALID = "encoding_invalid"
    NOT_A_DECIMAL = "not_a_decimal"
    AMOUNT_NOT_KOPECKS = "amount_not_kopecks"
    CURRENCY_UNKNOWN = "currency_unknown"
    ACCOUNT_UNKNOWN = "account_unknown"
    BILL_ROWS_DIFFER = "bill_rows_differ"
    LINE_TOTAL_WRONG = "line_total_wrong"
    LINE_PARTS_WRONG = "line_parts_wrong"
    BILL_CHARGED_WRONG = "bill_charged_wrong"
    BILL_TO_PAY_WRONG = "bill_to_pay_wrong"
    BILL_INSURANCE_WRONG = "bill_insurance_wrong"
    METER_VALUES_WRONG = "meter_values_wrong"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_DIFFERS = "payment_differs"


@dataclass(frozen=True)
class FieldError:
    """One refused field. `field` is a path such as `readings[0].values.T1`; `params` fill the text."""

    field: str
    code: Code
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


class AppError(Exception):
    """A refusal with its HTTP status. `params` fill the text; `extra` are members of the answer."""

    status: ClassVar[int] = 500

    def __init__(
        self,
        code: Code,
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after_seconds: int | None = None,
        extra: dict[str, Any] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors
        self.retry_after_seconds = retry_after_seconds
        self.extra = extra or {}
        self.params = params


class Unreadable(AppError):
    """The request cannot be read at all."""

    status = 400


class NotSignedIn(AppError):
    """No valid credentials came with the request."""

    status = 401


class Forbidden(AppError):
    """Signed in, but not allowed to."""

    status = 403


class NotFound(AppError):
    """Absent, or somebody else's: the same answer."""

    status = 404

    def __init__(self) -> None:
        super().__init__(Code.NOT_FOUND)


class MethodNotAllowed(AppError):
    """The path exists, the method does not."""

    status = 405


class Conflict(AppError):
    """In conflict with the present state."""

    status = 409


class Gone(AppError):
    """It was there once and cannot be used any more."""

    status = 410


class BodyTooLarge(AppError):
    """Over the limit of 64 kB."""

    status = 413


class UnsupportedMediaType(AppError):
    """Not JSON where JSON is due."""

    status = 415


class Refused(AppError):
    """Well-formed, but a field or a rule refuses it."""

    status = 422


class TooMany(AppError):
    """A limit is reached; `retry_after_seconds` says when to come again."""

    status = 429


class Unavailable(AppError):
    """An outside party cannot be reached now; nothing was changed, trying again can help."""

    status = 503


def refuse_field(name: str, code: Code, **params: Any) -> Refused:
    """The refusal of one field, to be raised."""
    return Refused(Code.INVALID_REQUEST, errors=(FieldError(name, code, params),))
