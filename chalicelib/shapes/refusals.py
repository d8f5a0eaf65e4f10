"""What pydantic refuses, in the words of `errors.Code`: for bodies of requests and rows of files."""

from typing import Final

from pydantic import ValidationError

from chalicelib.errors import Code, FieldError

_OWN_CODES: Final = frozenset(code.value for code in Code)
_CODES: Final = {
    "missing": Code.FIELD_REQUIRED,
    "extra_forbidden": Code.UNKNOWN_FIELD,
    "string_too_long": Code.TOO_LONG,
    "too_long": Code.TOO_LONG,
    "string_too_short": Code.TOO_SHORT,
    "too_short": Code.TOO_SHORT,
    "greater_than": Code.OUT_OF_RANGE,
    "greater_than_equal": Code.OUT_OF_RANGE,
    "less_than": Code.OUT_OF_RANGE,
    "less_than_equal": Code.OUT_OF_RANGE,
    "int_parsing_size": Code.OUT_OF_RANGE,
    "date_from_datetime_inexact": Code.DATE_INVALID,
    "date_parsing": Code.DATE_INVALID,
    "date_from_datetime_parsing": Code.DATE_INVALID,
}


def field_errors(exc: ValidationError) -> tuple[FieldError, ...]:
    """What pydantic found, in our codes, with paths such as `readings[0].values.T1`."""
    found = []
    for error in exc.errors(include_url=False, include_input=False):
        kind = error["type"]
        if kind in _OWN_CODES:
            code = Code(kind)
        elif kind in _CODES:
            code = _CODES[kind]
        elif kind.endswith("_type") or kind == "is_instance_of":
            code = Code.WRONG_TYPE
        else:
            code = Code.FIELD_INVALID
        context = error.get("ctx", {}) if kind in _OWN_CODES else {}
        found.append(FieldError(_path(error["loc"]), code, dict(context)))
    return tuple(found)


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            name = "from" if part == "from_" else part
            path += f".{name}" if path else name
    return path
