"""Which parameters an operation takes, and how their text becomes values.

A kind reads one parameter: `kind(raw, name)` gives the value or raises Refused with the code that
Stripe gives (https://docs.stripe.com/error-codes). A shape is a kind made of named kinds; it refuses
names it does not know. Only parameters that were sent appear in the result; an empty text, Stripe's
way to clear a field, comes out as None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from local.stripe.errors import Json, malformed
from local.stripe.forms import Form

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_INDEX = re.compile(r"[0-9]{1,9}")

Kind = Callable[[str | Form, str], Any]

LARGEST_AMOUNT = 99_999_999
"""In minor units: eight digits, https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""


@dataclass(frozen=True)
class Required:
    """A parameter that must be sent."""

    kind: Kind


class Shape:
    """A set of named parameters: `Shape(amount=Required(amount), customer=text)`."""

    def __init__(self, **fields: Kind | Required) -> None:
        self.fields = fields

    def __call__(self, raw: str | Form, name: str = "") -> Json:
        if isinstance(raw, str):
            raise malformed("Invalid object", None, name or None)
        self._refuse_unknown(raw, name)
        for field, rule in self.fields.items():
            if isinstance(rule, Required) and raw.get(field, "") == "":
                full = _inside(name, field)
                raise malformed(f"Missing required param: {full}.", "parameter_missing", full)
        return {
            field: _kind(self.fields[field])(value, _inside(name, field))
            for field, value in raw.items()
        }

    def _refuse_unknown(self, raw: Form, name: str) -> None:
        unknown = [_inside(name, field) for field in raw if field not in self.fields]
        if unknown:
            word = "parameter" if len(unknown) == 1 else "parameters"
            raise malformed(
                f"Received unknown {word}: {', '.join(unknown)}", "parameter_unknown", unknown[0]
            )


def _kind(rule: Kind | Required) -> Kind:
    return rule.kind if isinstance(rule, Required) else rule


def _inside(name: str, field: str) -> str:
    return f"{name}[{field}]" if name else field


def text(raw: str | Form, name: str) -> str | None:
    """Any text up to 5,000 characters; an empty one clears the field."""
    if not isinstance(raw, str):
        raise malformed("Invalid string", None, name)
    if len(raw) > 5000:
        raise malformed(f"Invalid string: {name} is too long", "parameter_invalid_string", name)
    return raw or None


def identifier(raw: str | Form, name: str) -> str:
    """The id of an object; it may not be empty."""
    value = text(raw, name)
    if value is None:
        message = f"You passed an empty string for '{name}'."
        raise malformed(message, "parameter_invalid_empty", name)
    return value


def url(raw: str | Form, name: str) -> str | None:
    """An absolute address; a scheme of an application (`lkk://`) is as good as https."""
    value = text(raw, name)
    if value is not None and not _is_address(value):
        raise malformed("Not a valid URL", "url_invalid", name)
    return value


def _is_address(value: str) -> bool:
    scheme = urlsplit(value).scheme
    return f"{scheme}://" in value and scheme not in ("javascript", "data", "")


def integer(raw: str | Form, name: str) -> int:
    """A whole number of up to 18 digits."""
    if not isinstance(raw, str) or not _INTEGER.fullmatch(raw):
        raise malformed(f"Invalid integer: {raw}", "parameter_invalid_integer", name)
    return int(raw)


def positive(raw: str | Form, name: str) -> int:
    """A whole number from 1."""
    value = integer(raw, name)
    if value < 1:
        message = "This value must be greater than or equal to 1."
        raise malformed(message, "parameter_invalid_integer", name)
    return value


def amount(raw: str | Form, name: str) -> int:
    """Money in minor units (kopecks), from 1 to 99,999,999."""
    value = positive(raw, name)
    if value > LARGEST_AMOUNT:
        message = f"Amount must be no more than {LARGEST_AMOUNT}"
        raise malformed(message, "amount_too_large", name)
    return value


def currency(raw: str | Form, name: str) -> str:
    """A three-letter code in either case; it comes out in lower case."""
    if not isinstance(raw, str) or len(raw) != 3 or not raw.isascii() or not raw.isalpha():
        raise malformed(f"Invalid currency: {raw}.", "parameter_invalid", name)
    return raw.lower()


def boolean(raw: str | Form, name: str) -> bool:
    """`true` or `false`."""
    if raw not in ("true", "false"):
        raise malformed(f"Invalid boolean: {raw}", "parameter_invalid", name)
    return raw == "true"


def off_session(raw: str | Form, name: str) -> bool:
    """`true`, `false`, or the older `one_off` and `recurring`, which both mean true."""
    return True if raw in ("one_off", "recurring") else boolean(raw, name)


def choice(*values: str) -> Kind:
    """One of the given words; an empty text clears the field."""

    def read(raw: str | Form, name: str) -> str | None:
        if raw == "":
            return None
        if raw not in values:
            known = ", ".join(values)
            raise malformed(f"Invalid {name}: must be one of {known}", "parameter_invalid", name)
        return str(raw)

    return read


def list_of(kind: Kind) -> Kind:
    """A list, from `name[0]=`, `name[1]=` or from repeated `name[]=`."""

    def read(raw: str | Form, name: str) -> list[Any] | None:
        if raw == "":
            return None
        if isinstance(raw, str) or not all(_INDEX.fullmatch(key) for key in raw):
            raise malformed("Invalid array", None, name)
        return [kind(raw[key], f"{name}[{key}]") for key in sorted(raw, key=int)]

    return read


def metadata(raw: str | Form, name: str) -> dict[str, str]:
    """Up to 50 texts of 500 characters under keys of 40: https://docs.stripe.com/metadata"""
    if raw == "":
        return {}
    if isinstance(raw, str):
        raise malformed("Invalid object", None, name)
    if len(raw) > 50:
        raise malformed("You can specify up to 50 metadata keys.", "parameter_invalid", name)
    values: dict[str, str] = {}
    for key, value in raw.items():
        full = _inside(name, key)
        if not isinstance(value, str):
            raise malformed("Metadata values must be strings.", "parameter_invalid", full)
        if len(key) > 40 or len(value) > 500:
            message = "Metadata keys can have up to 40 characters and values up to 500."
            raise malformed(message, "parameter_invalid", full)
        values[key] = value
    return values


def merged(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Metadata after an update: an empty value deletes its key, an empty set clears all."""
    if not new:
        return {}
    return {key: value for key, value in {**old, **new}.items() if value}


def anything(raw: str | Form, _name: str) -> str | Form:
    """Accepted and left alone: nothing here depends on it."""
    return raw


def no_longer_supported(_raw: str | Form, name: str) -> None:
    """A parameter that this API version removed with an error of its own.

    https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
    """
    raise malformed(
        f"`{name}` is no longer supported. Use `allowed_payment_method_types` instead.",
        f"{name}_no_longer_supported",
        name,
    )


def moment_range(raw: str | Form, name: str) -> dict[str, int]:
    """`created=123` or `created[gte]=123`: bounds in Unix seconds, both kinds as a mapping."""
    if isinstance(raw, str):
        return {"eq": integer(raw, name)}
    bounds: Json = Shape(gt=integer, gte=integer, lt=integer, lte=integer)(raw, name)
    return bounds


def page_size(raw: str | Form, name: str) -> int:
    """How many objects a list shows: 1 to 100."""
    value = integer(raw, name)
    if not 1 <= value <= 100:
        message = "Invalid integer: limit must be between 1 and 100"
        raise malformed(message, "parameter_invalid_integer", name)
    return value


EXPAND: dict[str, Kind | Required] = {"expand": list_of(identifier)}
PAGE: dict[str, Kind | Required] = {
    "limit": page_size,
    "starting_after": identifier,
    "ending_before": identifier,
    **EXPAND,
}
ADDRESS = Shape(city=text, country=text, line1=text, line2=text, postal_code=text, state=text)
ONLY_EXPAND = Shape(**EXPAND)
