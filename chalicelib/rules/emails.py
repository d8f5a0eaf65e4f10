"""E-mail addresses: one canonical, ASCII form before anything is stored or written to.

Domains beyond ASCII (`.рф`) become their punycode form, which is what SES takes; a local part
beyond ASCII is refused, as most mail servers refuse it.
"""

from chalicelib.errors import Code, refuse_field


def canonical(typed: str, field: str = "email") -> str:
    """The form of an address to be stored: `Ivan@Пример.РФ` gives `Ivan@xn--e1afmkfd.xn--p1ai`.

    Looks at the form alone, asks no name server. Raises Refused naming `field`: `email_invalid`.
    """
    # Few requests bring an address; the library is loaded by those.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            typed.strip(),
            allow_smtputf8=False,
            check_deliverability=False,
            # Its one effect: addresses under .test, which nobody can own, are let through.
            test_environment=True,
        )
    except EmailNotValidError as exc:
        raise refuse_field(field, Code.EMAIL_INVALID) from exc
    if found.ascii_email is None:
        raise refuse_field(field, Code.EMAIL_INVALID)
    return found.ascii_email


def compared(email: str) -> str:
    """The form in which two canonical addresses are one: no mail server tells letters' case apart."""
    return email.casefold()
