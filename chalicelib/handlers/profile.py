"""Doors of a client's own data: profile, phone, e-mail, password, consents, notifications."""

from chalice.app import Blueprint

from chalicelib import clock
from chalicelib.handlers.edge import Answer, Request, operation
from chalicelib.handlers.signin import origin_of
from chalicelib.services import consents, emails, leaving, passwords, phone_change
from chalicelib.services import profile as profiles
from chalicelib.shapes.profile import (
    AskReset,
    ChangeMe,
    ChangeNotifications,
    ConsentOut,
    ConsentsOut,
    ConsentTexts,
    EmailConfirmed,
    LinkToken,
    Me,
    NewPassword,
    NewPhone,
    Notifications,
    PasswordPolicyOut,
    ProveNewPhone,
    ResetPassword,
)
from chalicelib.shapes.signin import ChallengeOut

profile = Blueprint(__name__)


@operation(profile, "GET", "/v1/me", answers={200: Me})
def show_me(request: Request[None, None]) -> Me:
    """The caller's profile."""
    return profiles.me(request.caller.client_id)


@operation(
    profile, "PATCH", "/v1/me", body=ChangeMe, answers={200: Me}, refusals=(403, 422, 429, 503)
)
def change_me(request: Request[ChangeMe, None]) -> Me:
    """Change the profile. A new e-mail address gets a letter with a link that confirms it.

    A confirmed address is replaced or removed within ten minutes of a code sign-in or with the
    password, and is told.
    """
    return profiles.change(request.caller, request.body, clock.now())


@operation(
    profile,
    "POST",
    "/v1/me/phone",
    body=NewPhone,
    answers={202: ChallengeOut},
    refusals=(403, 422, 429, 503),
    idempotency="accepted",
)
def ask_new_phone(request: Request[NewPhone, None]) -> ChallengeOut:
    """Send a code to a new phone, within ten minutes of a code sign-in or with the password."""
    return phone_change.ask(request.caller, request.body, origin_of(request), clock.now())


@operation(
    profile,
    "POST",
    "/v1/me/phone/verify",
    body=ProveNewPhone,
    answers={200: Me},
    refusals=(409, 410, 422, 429, 503),
    idempotency="accepted",
)
def prove_new_phone(request: Request[ProveNewPhone, None]) -> Me:
    """Take the new phone for signing in. Other sessions end; the old number and e-mail are told."""
    return phone_change.prove(request.caller, request.body, clock.now())


@operation(profile, "GET", "/v1/password-policy", answers={200: PasswordPolicyOut}, signed_in=False)
def show_password_policy(_: Request[None, None]) -> PasswordPolicyOut:
    """What a new password must be; each rule has an entry of its own when it is broken."""
    policy = passwords.policy()
    return PasswordPolicyOut(
        minimum_length=policy.minimum_length,
        letters_and_digits_only=policy.letters_and_digits_only,
        no_repeated_digits=policy.no_repeated_digits,
    )


@operation(
    profile,
    "PUT",
    "/v1/me/password",
    body=NewPassword,
    answers={204: None},
    refusals=(403, 422, 429, 503),
)
def set_password(request: Request[NewPassword, None]) -> None:
    """Set or change the password. Other sessions end."""
    body = request.body
    passwords.change(request.caller, body.new_password, body.current_password, clock.now())


@operation(
    profile,
    "POST",
    "/v1/me/email/confirmation",
    answers={202: None},
    refusals=(409, 429),
    idempotency="accepted",
)
def send_confirmation(request: Request[None, None]) -> Answer:
    """Send the letter that confirms the e-mail address again."""
    emails.send_again(request.caller.client_id, clock.now())
    return Answer(None)


@operation(
    profile,
    "POST",
    "/v1/email-confirmations",
    body=LinkToken,
    answers={200: EmailConfirmed},
    refusals=(409, 410, 422, 503),
    signed_in=False,
)
def confirm_email(request: Request[LinkToken, None]) -> EmailConfirmed:
    """Confirm an e-mail address by the token of the link from the letter. Works once."""
    emails.confirm(request.body.token, clock.now())
    return EmailConfirmed()


@operation(
    profile,
    "POST",
    "/v1/password-resets",
    body=AskReset,
    answers={202: None},
    refusals=(422,),
    signed_in=False,
)
def ask_reset(request: Request[AskReset, None]) -> Answer:
    """Send a link for a new password, if the address is a client's confirmed one; never says so."""
    emails.ask_to_reset(request.body.email, request.language, clock.now())
    return Answer(None)


@operation(
    profile,
    "POST",
    "/v1/password-resets/confirm",
    body=ResetPassword,
    answers={204: None},
    refusals=(410, 422, 503),
    signed_in=False,
)
def reset_password(request: Request[ResetPassword, None]) -> None:
    """Set a new password by the token of a reset link. Works once; every session ends."""
    emails.reset(request.body.token, request.body.new_password, clock.now())


@operation(profile, "GET", "/v1/consent-texts", answers={200: ConsentTexts}, signed_in=False)
def list_consent_texts(request: Request[None, None]) -> ConsentTexts:
    """The texts that can be consented to, to be shown before a consent is given."""
    return consents.texts_in_force(request.language)


@operation(profile, "GET", "/v1/me/consents", answers={200: ConsentsOut})
def list_consents(request: Request[None, None]) -> ConsentsOut:
    """The caller's consents, the newest of each kind."""
    return consents.of(request.caller.client_id)


@operation(profile, "PUT", "/v1/me/consents/{kind}", answers={200: ConsentOut})
def give_consent(request: Request[None, None], kind: str) -> ConsentOut:
    """Consent to the text of this kind that is in force."""
    return consents.give(request.caller.client_id, kind, origin_of(request), clock.now())


@operation(profile, "DELETE", "/v1/me/consents/{kind}", answers={204: None}, refusals=(409, 503))
def withdraw_consent(request: Request[None, None], kind: str) -> None:
    """Withdraw a consent. Its record stays.

    Without `personal_data` there is no cabinet: every session ends, every account is let go of and
    automatic payments end. Whoever signs in again gives the consent anew.
    """
    leaving.withdraw_consent(request.caller.client_id, kind, clock.now())


@operation(profile, "GET", "/v1/me/notifications", answers={200: Notifications})
def show_notifications(request: Request[None, None]) -> Notifications:
    """Which news goes through which channels."""
    return profiles.notifications_of(request.caller.client_id)


@operation(
    profile,
    "PUT",
    "/v1/me/notifications",
    body=ChangeNotifications,
    answers={200: Notifications},
    refusals=(503,),
)
def change_notifications(request: Request[ChangeNotifications, None]) -> Notifications:
    """Choose the channels, per kind of news."""
    return profiles.change_notifications(request.caller.client_id, request.body)
