"""Phones: one canonical form (E.164) before anything is limited, hashed or stored."""

import re

from chalicelib.errors import Code, refuse_field

_SEPARATORS = re.compile(r"[ \u00a0\u2009\u202f().\u2010-\u2015\u2212-]+")
"""Blanks that people type; a line break or another control character is none."""
_TYPED = re.compile(r"\+?\d{5,15}")


def canonical(typed: str, regions: frozenset[str], field: str = "phone") -> str:
    """The E.164 form of a phone as typed: `8 (916) 123-45-67` gives `+79161234567`.

    A number without a country code is read as Russian. Raises Refused naming `field`:
    `phone_invalid`, or `phone_region_not_allowed` outside `regions` (+7 7… is Kazakhstan's).
    """
    # Its 58 modules are loaded where somebody signs in, not where a bill is read.
    import phonenumbers

    digits = _SEPARATORS.sub("", typed)
    if not _TYPED.fullmatch(digits) or not digits.isascii():
        raise refuse_field(field, Code.PHONE_INVALID)
    if re.fullmatch(r"7\d{10}", digits):
        # People and other programs leave the plus out; +7… is never a national number.
        digits = f"+{digits}"
    try:
        number = phonenumbers.parse(digits, "RU")
    except phonenumbers.NumberParseException as exc:
        raise refuse_field(field, Code.PHONE_INVALID) from exc
    if not phonenumbers.is_valid_number(number):
        raise refuse_field(field, Code.PHONE_INVALID)
    if phonenumbers.region_code_for_number(number) not in regions:
        raise refuse_field(field, Code.PHONE_REGION_NOT_ALLOWED)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(phone: str) -> str:
    """An E.164 phone with all but the country code and the last four digits hidden."""
    import phonenumbers

    code = str(phonenumbers.parse(phone).country_code)
    return f"+{code} *** ***-{phone[-4:-2]}-{phone[-2:]}"
