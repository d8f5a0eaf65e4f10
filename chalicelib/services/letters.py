"""From the parts of a letter to what is sent: HTML and plain text by Jinja, both in one MIME message.

HTML is autoescaped, a missing value is an error, nothing in a letter is loaded from anywhere.
"""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chalicelib.rules.letters import Letter
from chalicelib.rules.wording import Words

_FOLDER = Path(__file__).parent.parent / "templates" / "mail"


@dataclass(frozen=True)
class Envelope:
    """Who a letter is from and to, and what makes it one letter."""

    message_id: str
    sender: str
    receiver: str
    is_notice: bool
    """Whether its reader can choose not to get letters of its kind."""


def html(letter: Letter, words: Words, *, is_notice: bool = True) -> str:
    """The letter as a page. A notice says where to choose which letters come."""
    return _rendered("letter.html", letter, words, is_notice=is_notice)


def text(letter: Letter, words: Words, *, is_notice: bool = True) -> str:
    """The letter as plain text."""
    return _rendered("letter.txt", letter, words, is_notice=is_notice)


def mime(letter: Letter, words: Words, envelope: Envelope) -> bytes:
    """The whole message as it goes out.

    Names and subjects come from people and files: the header registry of the library refuses line
    breaks, and `Address` quotes what needs quoting.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(words.centre, addr_spec=envelope.sender)
    message["To"] = Address(addr_spec=envelope.receiver)
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = f"<{envelope.message_id}@{envelope.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if envelope.is_notice:
        message["List-Unsubscribe"] = f"<{words.page('/profile/notifications')}>"
    plain = text(letter, words, is_notice=envelope.is_notice)
    page = html(letter, words, is_notice=envelope.is_notice)
    message.set_content(plain, cte="base64")
    message.add_alternative(page, subtype="html", cte="base64")
    message["Content-Language"] = words.language
    return message.as_bytes()


def _rendered(template: str, letter: Letter, words: Words, *, is_notice: bool) -> str:
    footer = [
        words("footer.why", centre=words.centre),
        *([words("footer.settings")] if is_notice else []),
        words("footer.automatic"),
    ]
    return (
        _templates()
        .get_template(template)
        .render(
            letter=letter,
            language=words.language,
            centre=words.centre,
            preview=letter.paragraphs[0] if letter.paragraphs else letter.heading,
            footer=footer,
        )
    )


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
