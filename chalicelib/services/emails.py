"""Letters with links: confirming an address, and setting a forgotten password.

An address is its owner's once a link sent there was used; until then anybody may name it, and
nobody can sign in with it. A later link to an address that another client has confirmed answers
`email_taken`: whoever holds the link reads that mailbox, so this tells a stranger nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.errors import Code, Conflict, TooMany
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import Client
from chalicelib.models.conditional import update_alone
from chalicelib.models.limits import AtMost, Ring
from chalicelib.models.link import Link
from chalicelib.models.login import Login, remembered
from chalicelib.observability import count
from chalicelib.rules import emails
from chalicelib.services import clients, links, messages, passwords
from chalicelib.services.links import LIFETIME, LinkPurpose, MadeLink
from chalicelib.services.messages import Message, MessageKind
from chalicelib.texts import Language

LETTERS: Final = Ring("m", AtMost(5, timedelta(hours=1)), AtMost(10, timedelta(days=1)))
"""Letters with links to one address, whoever asks for them."""


def ask_to_confirm(t: Transaction, profile: Client, email: str, at: datetime) -> str:
    """Add to `t`: a letter to `email` that lets `profile` confirm it. The message to dispatch.

    The part `letters` refuses at the limit of the address; `letters_refused` says how.
    """
    t.update(
        "letters",
        Login(clients.email_login(email)),
        [Login.pending.set(profile.client_id), remembered(at), *LETTERS.push(at)],
        LETTERS.room(at),
    )
    link = links.new(LinkPurpose.CONFIRM_EMAIL)
    links.store(t, link, profile.client_id, email, at)
    return messages.intend(t, _letter(MessageKind.EMAIL_CONFIRMATION, profile, email, link), at)


def letters_refused(refusal: Refusal, at: datetime) -> TooMany | None:
    """What to answer when the part `letters` refused; None when it did not."""
    if "letters" not in refusal.labels:
        return None
    wait = max(1, LETTERS.wait_seconds(refusal.item("letters"), at))
    return TooMany(Code.TOO_MANY_REQUESTS, retry_after_seconds=wait)


def send_again(client_id: str, at: datetime) -> None:
    """Another letter to the caller's unconfirmed address. A read and a transaction.

    Raises Conflict (`email_absent`, `email_confirmed_already`) or TooMany.
    """
    profile = clients.profile_of(client_id)
    email: str | None = profile.email
    if email is None:
        raise Conflict(Code.EMAIL_ABSENT)
    if profile.email_confirmed:
        raise Conflict(Code.EMAIL_CONFIRMED_ALREADY)
    t = Transaction()
    told = ask_to_confirm(t, profile, email, at)
    try:
        t.commit()
    except Refusal as refusal:
        raise letters_refused(refusal, at) or refusal from refusal
    messages.dispatch([told])


def confirm(token: str, at: datetime) -> None:
    """Use a confirmation link: two reads and a transaction. Raises Gone or Conflict (`email_taken`)."""
    link = links.find(token, LinkPurpose.CONFIRM_EMAIL, at)
    clients.on_profile(link.client_id, lambda profile: _confirm(link, profile))
    count("email_confirmations")


def _confirm(link: Link, profile: Client) -> None:
    if profile.email != link.email:
        raise links.gone()
    t = Transaction()
    links.use(t, link)
    t.update("profile", profile, [Client.email_confirmed.set(True), Client.email_stopped.remove()])
    t.update(
        "address",
        Login(clients.email_login(link.email)),
        Login.claim(profile.client_id),
        Login.not_of_another(profile.client_id),
    )
    try:
        t.commit()
    except Refusal as refusal:
        if "link" in refusal.labels:
            raise links.gone() from refusal
        if "address" in refusal.labels:
            raise Conflict(Code.EMAIL_TAKEN) from refusal
        raise


def ask_to_reset(typed: str, language: Language, at: datetime) -> None:
    """A letter with a reset link, if the address is somebody's confirmed one; older links are gone.

    Two writes and a queued message whether it is or not; nobody can tell. Raises Refused for
    what is no address at all.
    """
    email = emails.canonical(typed)
    link = links.new(LinkPurpose.RESET_PASSWORD)
    try:
        raw = update_alone(
            "letters",
            Login(clients.email_login(email)),
            [Login.reset_link.set(link.key), remembered(at), *LETTERS.push(at)],
            LETTERS.room(at),
        )
    except Refusal:
        count("password_resets", outcome="limited")
        return
    owner: str | None = Login.from_raw_data(raw).client_id
    t = Transaction()
    links.store(t, link, owner, email, at)
    # Without a receiver it goes to the confirmed address as its owner wrote it, not as typed here.
    letter = _letter(MessageKind.PASSWORD_RESET, owner, None, link, language)
    if owner is not None:
        told = messages.intend(t, letter, at)
    else:
        told = letter.message_id
        # As many writes as for a known address: the second link, too, opens nothing.
        links.store(t, links.new(LinkPurpose.RESET_PASSWORD), None, email, at)
    t.commit()
    # A message that was never decided on is nothing to the worker: it finds no such item.
    messages.dispatch([told])


def reset(token: str, new_password: str, at: datetime) -> None:
    """Set a password by a reset link; every session ends. Raises Gone or Refused."""
    passwords.require_policy(new_password)
    link = links.find(token, LinkPurpose.RESET_PASSWORD, at)
    new_hash = passwords.hashed(new_password)
    clients.on_profile(link.client_id, lambda profile: _reset(link, profile, new_hash, at))
    count("password_resets", outcome="done")


def _reset(link: Link, profile: Client, new_hash: str, at: datetime) -> None:
    own: str | None = profile.email
    if (
        own is None
        or clients.email_login(own) != clients.email_login(link.email)
        or not profile.email_confirmed
    ):
        raise links.gone()
    t = Transaction()
    links.use(t, link)
    try:
        passwords.replace(t, profile, new_hash, at, keep_session=None, by_link=link.login)
    except Refusal as refusal:
        if refusal.labels & {"link", "reset_link"}:
            raise links.gone() from refusal
        raise


def _letter(
    kind: MessageKind,
    client: Client | str | None,
    email: str | None,
    link: MadeLink,
    language: Language | None = None,
) -> Message:
    params: dict[str, Any] = {"link": link.url, "hours": int(LIFETIME.total_seconds() // 3600)}
    return Message(
        kind,
        client.client_id if isinstance(client, Client) else client,
        key=link.key,
        params=params,
        to=email,
        language=language,
    )
