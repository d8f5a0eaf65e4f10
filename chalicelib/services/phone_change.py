"""A client moves to another phone: proven on both sides, told to the old one."""

from datetime import datetime

from chalicelib.errors import Code, Conflict
from chalicelib.models.base import Refusal, Transaction
from chalicelib.models.client import Client
from chalicelib.models.login import Login
from chalicelib.models.session import Session, session_item
from chalicelib.observability import count
from chalicelib.rules import otp, phones
from chalicelib.rules.otp import Challenge
from chalicelib.services import clients, messages, passwords, profile, sessions
from chalicelib.services import otp as codes
from chalicelib.services.callers import Caller
from chalicelib.services.messages import Message, MessageKind
from chalicelib.services.origins import Origin
from chalicelib.services.signin import challenge_out
from chalicelib.shapes.profile import Me, NewPhone, ProveNewPhone
from chalicelib.shapes.signin import ChallengeOut


def ask(caller: Caller, asked: NewPhone, origin: Origin, at: datetime) -> ChallengeOut:
    """Send a code to the new phone, taken or not.

    Needs a code sign-in of the last ten minutes or the password. Raises Forbidden, Refused, TooMany.
    """
    passwords.prove(clients.profile_of(caller.client_id), caller, asked.current_password, at)
    purpose = codes.new_phone_purpose(caller.client_id)
    return challenge_out(codes.send(asked.phone, purpose, origin, at))


def prove(caller: Caller, asked: ProveNewPhone, at: datetime) -> Me:
    """The new phone is the client's, in one transaction with all that follows.

    Raises Refused (`otp_code_wrong`), Gone, TooMany, Conflict (`phone_taken`, told only to
    whoever reads that phone's SMS).
    """
    challenge = otp.challenge_named(asked.challenge_id)
    if challenge is None:
        raise codes.gone()
    login = codes.attempt(challenge, asked.code, codes.new_phone_purpose(caller.client_id), at)
    owner: str | None = login.client_id
    if owner not in (None, caller.client_id):
        raise Conflict(Code.PHONE_TAKEN)
    try:
        return clients.on_profile(
            caller.client_id, lambda client: _move(caller, client, challenge, login, at)
        )
    except Refusal as refusal:
        if "login" in refusal.labels:
            raise codes.gone() from refusal
        raise


def _move(caller: Caller, client: Client, challenge: Challenge, login: Login, at: datetime) -> Me:
    old, new = client.phone, login.phone
    t = Transaction()
    if old == new:
        codes.settle(t, challenge, owner=caller.client_id)
        t.commit()
        return profile.shown(client)
    codes.settle(t, challenge, owner=None, claim_for=caller.client_id)
    t.update(
        "old_login",
        Login(codes.phone_login(old)),
        Login.give_up(at),
        Login.not_of_another(caller.client_id),
    )
    t.update("profile", client, [Client.phone.set(new)], Client.item.exists())
    more = sessions.end_others_in(t, caller.client_id, caller.session_id)
    if sessions.stands(caller):
        current = Session(caller.client_id, session_item(caller.session_id))
        t.update("session", current, [Session.phone.set(new)], Session.item.exists())
    told = [messages.intend(t, each, at) for each in _notices(client, challenge, str(new), at)]
    t.commit()
    sessions.end_all(more)
    messages.dispatch(told)
    count("phone_changes")
    client.phone = new
    return profile.shown(client)


def _notices(client: Client, challenge: Challenge, new: str, at: datetime) -> list[Message]:
    """To the old number, and to the client's confirmed e-mail if there is one."""
    params = {"phone": phones.masked(new), "at": at}
    sms = Message(
        MessageKind.PHONE_CHANGED,
        client.client_id,
        key=f"{challenge.nonce}:sms",
        params=params,
        to=client.phone,
        channel="sms",
    )
    letter = Message(
        MessageKind.PHONE_CHANGED, client.client_id, key=f"{challenge.nonce}:email", params=params
    )
    return [sms, letter]
