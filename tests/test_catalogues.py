"""Catalogues of texts: nothing is missing, nothing is left over, both languages fill the same."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from chalicelib import texts
from chalicelib.errors import Code
from chalicelib.rules.letters import letter
from chalicelib.rules.sms_texts import sms
from chalicelib.rules.wording import Words
from chalicelib.services import letters
from chalicelib.shapes.letters import MessageKind
from tests.samples import SAMPLES

LOCALES = Path(texts.__file__).parent / "locales"
PLURALS = {"ru": 3, "en": 2}


def catalogue(domain: str, language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def entries(domain: str, language: str) -> dict[str, tuple[str, ...]]:
    """Message id to its forms."""
    found = {}
    for message in catalogue(domain, language):
        if message.id:
            name = message.id[0] if isinstance(message.id, list | tuple) else message.id
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            found[str(name)] = tuple(str(form) for form in forms)
    return found


def placeholders(form: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", form))


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_code_has_a_text(language: str) -> None:
    known = entries("lkk", language)

    assert not [code.value for code in Code if not all(known.get(code.value, ("",)))]


@pytest.mark.parametrize("domain", ["lkk", "mail"])
def test_both_languages_say_the_same_things_with_the_same_values(domain: str) -> None:
    russian, english = entries(domain, "ru"), entries(domain, "en")

    assert set(russian) == set(english)
    for name, forms in russian.items():
        said = [placeholders(form) for form in (*forms, *english[name])]
        whole = set().union(*said)
        # A form for exactly one may leave the number out.
        assert all(whole - each <= {"count"} for each in said), name


@pytest.mark.parametrize("domain", ["lkk", "mail"])
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_plurals_are_complete_and_no_text_is_empty(domain: str, language: str) -> None:
    for name, forms in entries(domain, language).items():
        assert all(forms), name
        assert len(forms) in (1, PLURALS[language]), name


class Recording(Words):
    """Notes which texts were asked for."""

    used: set[str] = set()  # noqa: RUF012 - one set for all

    def __call__(self, message: str, **params: Any) -> str:
        self.used.add(message)
        return super().__call__(message, **params)


def test_no_text_of_letters_is_missing_or_left_over() -> None:
    for language in texts.LANGUAGES:
        w = Recording(language, "Центр", "https://lkk.example")
        for kind, params in SAMPLES:
            letters.text(letter(kind, params, w), w)
            sms(kind, params, w)

    assert {kind for kind, _ in SAMPLES} == set(MessageKind)
    assert Recording.used == set(entries("mail", "ru"))


@pytest.mark.parametrize(
    ("hours", "said"), [(1, "1 час "), (2, "2 часа "), (60, "60 часов "), (21, "21 час ")]
)
def test_numbers_agree_with_their_nouns(hours: int, said: str) -> None:
    assert said in texts.write("ru", "link.lives", count=hours)
