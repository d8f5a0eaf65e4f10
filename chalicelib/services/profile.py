"""A client's own profile: names, e-mail, language, notifications."""

from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.update import Action

from chalicelib import ids
from chalicelib.clock import moscow_day
from chalicelib.errors import Code, FieldError, Refused
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import Client
from chalicelib.models.login import Login
from chalicelib.rules import emails, notifications, people
from chalicelib.services import clients, messages, passwords
from chalicelib.services import emails as letters
from chalicelib.services.callers import Caller
from chalicelib.services.messages import Message, MessageKind
from chalicelib.shapes.profile import ChangeMe, ChangeNotifications, Me, Notifications

NAMES: Final = ("last_name", "first_name", "middle_name")


def me(client_id: str) -> Me:
    """The profile: one read."""
    return shown(clients.profile_of(client_id))


def shown(profile: Client) -> Me:
    """A profile as its owner sees it."""
    password_hash: str | None = profile.password_hash
    return Me.model_validate(
        {
            "last_name": profile.last_name,
            "first_name": profile.first_name,
            "middle_name": profile.middle_name,
            "birth_date": profile.birth_date,
            "email": profile.email,
            "email_confirmed": bool(profile.email_confirmed),
            "phone": profile.phone,
            "language": profile.language,
            "has_password": password_hash is not None,
        }
    )


def change(caller: Caller, ask: ChangeMe, at: datetime) -> Me:
    """Change what `ask` names: a read and a transaction; a new e-mail gets a letter with a link.

    To replace or remove a confirmed address the caller shows who they are, one call more. Raises
    Refused for a field, Forbidden `fresh_code_required`, TooMany at the address's limit of letters.
    """
    wanted = ask.model_dump(exclude_unset=True, exclude={"current_password"})
    odd = [name for name in NAMES if wanted.get(name) and not people.is_name(wanted[name])]
    if odd:
        fields = tuple(FieldError(name, Code.FIELD_INVALID) for name in odd)
        raise Refused(Code.INVALID_REQUEST, errors=fields)
    if wanted.get("birth_date") is not None:
        wanted["birth_date"] = people.birth_date(ask.birth_date or "", moscow_day(at)).isoformat()
    if wanted.get("email") is not None:
        wanted["email"] = emails.canonical(wanted["email"])
    proven = False

    def change_it(profile: Client) -> Me:
        nonlocal proven
        differs = {name: value for name, value in wanted.items() if getattr(profile, name) != value}
        if not differs:
            return shown(profile)
        t = Transaction()
        if "email" in differs and profile.email is not None and profile.email_confirmed:
            if not proven:
                passwords.prove(profile, caller, ask.current_password, at)
                proven = True
            if ask.current_password is not None:
                passwords.forget_tries(t, profile.client_id)
        return _change(t, profile, differs, at)

    try:
        return clients.on_profile(caller.client_id, change_it)
    except Refusal as refusal:
        raise letters.letters_refused(refusal, at) or refusal from refusal


def _change(t: Transaction, profile: Client, differs: dict[str, Any], at: datetime) -> Me:
    told: list[str] = []
    actions: list[Action] = []
    for name, value in differs.items():
        attribute = getattr(Client, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    if "email" in differs:
        actions += [Client.email_confirmed.set(False), Client.email_stopped.remove()]
        told = _change_email(t, profile, differs["email"], at)
    t.update("profile", profile, actions, Client.item.exists())
    t.commit()
    messages.dispatch(told)
    for name, value in differs.items():
        setattr(profile, name, value)
    if "email" in differs:
        profile.email_confirmed = False
    return shown(profile)


def _change_email(t: Transaction, profile: Client, email: str | None, at: datetime) -> list[str]:
    """Add to `t`: the old address is free and told, the new one gets a letter. Messages to dispatch."""
    told: list[str] = []
    old: str | None = profile.email
    same = (
        old is not None
        and email is not None
        and clients.email_login(old) == clients.email_login(email)
    )
    if old is not None and profile.email_confirmed and not same:
        t.update(
            "old_address",
            Login(clients.email_login(old)),
            Login.give_up(at),
            Login.not_of_another(profile.client_id),
        )
        stopped: str | None = profile.email_stopped
        if stopped is None:
            told.append(messages.intend(t, _notice(profile.client_id, old, at), at))
    if email is not None:
        told.append(letters.ask_to_confirm(t, profile, email, at))
    return told


def _notice(client_id: str, old: str, at: datetime) -> Message:
    """To the address that was the client's until now."""
    key = ids.new_id("eml")
    return Message(MessageKind.EMAIL_CHANGED, client_id, key=key, params={"at": at}, to=old)


def notifications_of(client_id: str) -> Notifications:
    """The channels in use: one read."""
    return _channels(clients.profile_of(client_id))


def change_notifications(client_id: str, ask: ChangeNotifications) -> Notifications:
    """Choose channels: a read and a write."""
    wanted = ask.model_dump(exclude_unset=True)

    def store(profile: Client) -> Notifications:
        wishes = notifications.stored_form(notifications.chosen(profile.notifications) | wanted)
        t = Transaction()
        t.update("profile", profile, [Client.notifications.set(wishes)], Client.item.exists())
        t.commit()
        profile.notifications = wishes
        return _channels(profile)

    return clients.on_profile(client_id, store)


def _channels(profile: Client) -> Notifications:
    return Notifications.model_validate(notifications.chosen(profile.notifications))
