"""How letters read and look: every kind in both languages, and nothing slips in from outside."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from chalicelib.rules.letters import letter
from chalicelib.rules.sms_texts import LETTERS_ONLY, sms
from chalicelib.rules.wording import Words
from chalicelib.services import letters
from chalicelib.shapes.letters import MessageKind
from chalicelib.texts import LANGUAGES, Language
from local import templates
from local.engines import ROOT
from tests.samples import LINK, SAMPLES

CENTRES = {"ru": "Расчётный центр", "en": "Settlement centre"}


def words(language: Language = "ru") -> Words:
    return Words(language, CENTRES[language], "https://lkk.example")


def sent(kind: MessageKind, params: dict[str, Any], language: Language = "ru") -> EmailMessage:
    envelope = letters.Envelope("msg_1", "cabinet@centre.example", "a@home.example", is_notice=True)
    w = words(language)
    read = message_from_bytes(letters.mime(letter(kind, params, w), w, envelope), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "params"), SAMPLES)
def test_every_kind_can_be_read_as_a_page_and_as_text(
    kind: MessageKind, params: dict[str, Any], language: Language
) -> None:
    message = sent(kind, params, language)

    page, text = part(message, "html"), part(message, "plain")

    composed = letter(kind, params, words(language))
    assert message["subject"] == " ".join(composed.subject.split())
    for said in (composed.heading, *composed.paragraphs, *composed.notes):
        assert said in text
    assert f'lang="{language}"' in page
    assert not re.search(r"[{}]{2}|\{[a-z_]+\}|None", text + page.split("</style>")[-1])
    assert composed.subject != f"{kind}.subject"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "params"), SAMPLES)
def test_an_sms_is_short_and_complete(
    kind: MessageKind, params: dict[str, Any], language: Language
) -> None:
    text = sms(kind, params, words(language))

    if kind in LETTERS_ONLY:
        assert text is None
        return
    assert text is not None
    assert "{" not in text
    if language == "en":
        assert text.isascii()  # one letter outside of GSM-7 would double the price
        assert len(text) <= 153
    else:
        assert len(text) <= 134


def test_a_receipt_lists_what_was_paid() -> None:
    text = part(sent(*_sample(MessageKind.RECEIPT)), "plain").replace("\xa0", " ")

    assert text.startswith("""Платёж принят

Спасибо! Деньги поступили, баланс в кабинете уже изменился.

Оплачено: 22 ноября 2026, 12:05 по московскому времени
Карта: Visa, последние цифры 4242
Номер платежа: pay_019ab4

- Лицевой счёт 7000000001: 3 837,19 ₽
  г. Примерск, ул. Образцовая, д. 1, кв. 2
  в том числе добровольное страхование: 67,80 ₽
- Лицевой счёт 7000000002: 50,00 ₽
Итого: 3 887,19 ₽
""")


def test_the_same_receipt_in_english() -> None:
    message = sent(*_sample(MessageKind.RECEIPT), "en")

    assert message["subject"].replace("\xa0", " ") == "Payment receipt: RUB 3,887.19"
    assert "Paid: 22 November 2026, 12:05, Moscow time" in part(message, "plain")


def test_the_only_link_with_a_token_is_the_one_to_press() -> None:
    message = sent(MessageKind.EMAIL_CONFIRMATION, LINK)

    links = re.findall(r"https?://\S+", part(message, "plain"))

    assert [link for link in links if "token=" in link] == [LINK["link"]]
    assert f'href="{LINK["link"]}"' in part(message, "html")


@pytest.mark.parametrize(("kind", "params"), SAMPLES)
def test_every_address_in_a_letter_is_a_page_of_the_cabinet(
    kind: MessageKind, params: dict[str, Any]
) -> None:
    message = sent(kind, params)

    ours = re.findall(r"https://lkk\.example([^\s?>]*)", str(message) + part(message, "plain"))

    assert ours
    assert {path for path in ours if not _is_page(path)} == set()


def _is_page(path: str) -> bool:
    """As the router of the cabinet has it: its patterns are the same in Python."""
    router = (ROOT / "web/src/pages/index.ts").read_text("utf-8")
    patterns = re.findall(r"pattern: /\^(.+?)\$/,", router)
    assert len(patterns) > 10
    python = [each.replace("\\/", "/").replace("(?<", "(?P<") for each in patterns]
    return path == "" or any(re.fullmatch(each, path) for each in python)


EVIL = '"><script src=//canary.example/x></script><img src=//canary.example/y>{{ 7*7 }}{link}'


def test_nothing_that_people_type_becomes_markup_or_a_template() -> None:
    message = sent(
        MessageKind.NEW_HOLDER, {"account_number": EVIL, "address": EVIL, "at": "2026-11-22T09:05Z"}
    )

    page = part(message, "html")

    assert "<script" not in page
    assert "<img" not in page
    assert "{{ 7*7 }}{link}" in page


@pytest.mark.parametrize("broken", ["x\r\nBcc: evil@canary.example", "x\nSubject: other"])
def test_nothing_that_people_type_becomes_a_header(broken: str) -> None:
    w = Words("ru", broken, "https://lkk.example")
    params = {"number": broken, "address": broken}

    message = sent(MessageKind.CONNECTION_ACCEPTED, params)

    assert message["bcc"] is None
    assert len(message.get_all("subject", [])) == 1
    envelope = letters.Envelope("msg_1", "c@centre.example", "a@home.example", is_notice=False)
    composed = letter(MessageKind.CONNECTION_ACCEPTED, params, w)
    with pytest.raises(ValueError, match="CR"):
        letters.mime(composed, w, envelope)


def test_a_letter_loads_nothing_from_anywhere() -> None:
    for kind, params in SAMPLES:
        page = part(sent(kind, params), "html")

        assert not re.search(r"\ssrc=|@import|<link|url\(", page), kind


def test_the_committed_page_is_the_compiled_source() -> None:
    for source in templates.FOLDER.glob("*.mjml"):
        assert source.with_suffix(".html").read_text() == templates.compiled(source)


def _sample(kind: MessageKind) -> tuple[MessageKind, dict[str, Any]]:
    return next(sample for sample in SAMPLES if sample[0] is kind)
