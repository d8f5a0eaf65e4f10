"""A client's own profile: names, e-mail, language, notifications."""

from datetime import datetime
from typing import Any, Final

from pynamodb.expressions.update import Action

from chalicelib.clock import moscow_day
from chalicelib.errors import Code, FieldError, Refused
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import Client
from chalicelib.models.login import Login
from chalicelib.rules import emails, notifications, people
from chalicelib.services import clients, messages
from chalicelib.services import emails as letters
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


def change(client_id: str, ask: ChangeMe, at: datetime) -> Me:
    """Change what `ask` names: a read and a transaction; a new e-mail gets a letter with a link.

    Raises Refused for a field, TooMany at the address's limit of letters.
    """
    wanted = ask.model_dump(exclude_unset=True)
    odd = [name for name in NAMES if wanted.get(name) and not people.is_name(wanted[name])]
    if odd:
        fields = tuple(FieldError(name, Code.FIELD_INVALID) for name in odd)
        raise Refused(Code.INVALID_REQUEST, errors=fields)
    if wanted.get("birth_date") is not None:
        wanted["birth_date"] = people.birth_date(ask.birth_date or "", moscow_day(at)).isoformat()
    if wanted.get("email") is not None:
        wanted["email"] = emails.canonical(wanted["email"])
    try:
        return clients.on_profile(client_id, lambda profile: _change(profile, wanted, at))
    except Refusal as refusal:
        raise letters.letters_refused(refusal, at) or refusal from refusal


def _change(profile: Client, wanted: dict[str, Any], at: datetime) -> Me:
    differs = {name: value for name, value in wanted.items() if getattr(profile, name) != value}
    if not differs:
        return shown(profile)
    t = Transaction()
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
    """Add to `t`: the old address is free, the new one gets a letter. Messages to dispatch."""
    old: str | None = profile.email
    same = (
        old is not None
        and email is not None
        and letters.email_login(old) == letters.email_login(email)
    )
    if old is not None and profile.email_confirmed and not same:
        t.update(
            "old_address",
            Login(letters.email_login(old)),
            Login.give_up(at),
            Login.not_of_another(profile.client_id),
        )
    return [letters.ask_to_confirm(t, profile, email, at)] if email is not None else []


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
