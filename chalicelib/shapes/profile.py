"""Shapes of a client's own data: profile, consents, notifications, password, e-mail, phone."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.shapes.base import AnswerShape, AskShape, Moment, PlainText
from chalicelib.shapes.signin import CodeTyped, ConsentKind, Password, PhoneTyped

Name = Annotated[PlainText, Field(min_length=1, max_length=60)]
EmailTyped = Annotated[str, Field(max_length=254)]
Channel = Literal["email", "sms", "push"]
Channels = Annotated[list[Channel], Field(max_length=3)]
PasswordToJudge = str
"""Its length is one of the rules that a policy judges, each with an entry of its own."""


class Me(AnswerShape):
    """The caller's profile."""

    last_name: str | None
    first_name: str | None
    middle_name: str | None
    birth_date: str | None
    email: str | None
    email_confirmed: bool
    phone: str
    language: Literal["ru", "en"]
    has_password: bool


class ChangeMe(AskShape):
    """What to change; a field that is left out stays, null empties it.

    To replace or remove a confirmed e-mail address takes the password when no fresh code was used.
    """

    last_name: Name | None = None
    first_name: Name | None = None
    middle_name: Name | None = None
    birth_date: Annotated[str, Field(max_length=10)] | None = None
    email: EmailTyped | None = None
    language: Literal["ru", "en"] = "ru"
    current_password: Password | None = None


class NewPhone(AskShape):
    """The phone to sign in with from now on; the password, when no fresh code was used."""

    phone: PhoneTyped
    current_password: Password | None = None


class ProveNewPhone(AskShape):
    """The code that the new phone got."""

    challenge_id: Annotated[str, Field(max_length=200)]
    code: CodeTyped


class NewPassword(AskShape):
    """A new password, and the current one unless the session is fresh from an SMS code."""

    new_password: PasswordToJudge
    current_password: Password | None = None


class PasswordPolicyOut(AnswerShape):
    """What a new password must be, for a form to tell while it is typed. Common ones are refused too."""

    minimum_length: int
    """In characters, after NFKC."""
    letters_and_digits_only: bool
    no_repeated_digits: bool
    """No two equal digits side by side."""


class LinkToken(AskShape):
    """The token of a link from a letter."""

    token: Annotated[str, Field(max_length=200)]


class EmailConfirmed(AnswerShape):
    """The address is confirmed."""

    email_confirmed: Literal[True] = True


class AskReset(AskShape):
    """The confirmed address of the client who forgot the password."""

    email: EmailTyped


class ResetPassword(AskShape):
    """The token of a reset link, and the password to have."""

    token: Annotated[str, Field(max_length=200)]
    new_password: PasswordToJudge


class ConsentOut(AnswerShape):
    """One consent as given: to which version of the text, when, through what, until when."""

    kind: ConsentKind
    version: str
    given_at: Moment
    channel: str
    withdrawn_at: Moment | None


class ConsentsOut(AnswerShape):
    """The newest consent of each kind that was ever given."""

    items: list[ConsentOut]
    next_cursor: None = None


class ConsentText(AnswerShape):
    """The text of one kind of consent that is in force, in the language asked for."""

    kind: ConsentKind
    version: str
    text: str


class ConsentTexts(AnswerShape):
    """Everything that can be consented to, each a document of its own."""

    items: list[ConsentText]
    next_cursor: None = None


class Notifications(AnswerShape):
    """The channels in use, per kind of news."""

    readings: list[Channel]
    bills: list[Channel]
    payments: list[Channel]
    autopay: list[Channel]
    requests: list[Channel]
    news: list[Channel]


class ChangeNotifications(AskShape):
    """The channels to use; a kind that is left out stays as it is."""

    readings: Channels = Field(default_factory=list)
    bills: Channels = Field(default_factory=list)
    payments: Channels = Field(default_factory=list)
    autopay: Channels = Field(default_factory=list)
    requests: Channels = Field(default_factory=list)
    news: Channels = Field(default_factory=list)
