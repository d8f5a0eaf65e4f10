"""Texts in the person's language: gettext catalogues in `locales/`, looked up by code.

A message id is a stable word (`otp_code_wrong`, `receipt.subject`); the Russian and English texts
stand in `locales/<language>/LC_MESSAGES/`, those of the API in `lkk.po`, those of letters and SMS
in `mail.po`, and are compiled by `make setup`. Placeholders are `{name}`; a text with a number
takes `count` and has plural forms.
"""

import gettext
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

Language = Literal["ru", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "ru"

_FOLDER = Path(__file__).parent / "locales"


def say(language: Language, message: str, **params: Any) -> str:
    """The text of `message`, filled. Falls back to the message id itself, never raises for input."""
    return _filled(_catalogue("lkk", language), message, params)


def write(language: Language, message: str, **params: Any) -> str:
    """The same for a letter or an SMS: texts of `mail.po`."""
    return _filled(_catalogue("mail", language), message, params)


def _filled(catalogue: gettext.NullTranslations, message: str, params: dict[str, Any]) -> str:
    if "count" in params:
        text = catalogue.ngettext(message, message, int(params["count"]))
    else:
        text = catalogue.gettext(message)
    return text.format(**params) if params else text


def chosen(accept_language: str | None) -> Language:
    """The language that an Accept-Language header (RFC 9110 12.5.4) asks for; Russian by default."""
    best: tuple[float, Language] | None = None
    for part in (accept_language or "").split(","):
        tag, _, weight = part.strip().partition(";")
        quality = _quality(weight)
        for language in LANGUAGES:
            if tag.strip().lower().split("-")[0] == language and quality > (best or (0.0,))[0]:
                best = (quality, language)
    return best[1] if best else DEFAULT


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if not value:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@lru_cache(maxsize=2 * len(LANGUAGES))
def _catalogue(domain: str, language: Language) -> gettext.NullTranslations:
    return gettext.translation(domain, localedir=_FOLDER, languages=[language])
