"""Shapes of connection applications."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.shapes.base import AnswerShape, AskShape, PlainText

PersonName = Annotated[PlainText, Field(min_length=1, max_length=60)]
AddressPart = Annotated[PlainText, Field(min_length=1, max_length=120)]
HouseNumber = Annotated[PlainText, Field(min_length=1, max_length=20)]
"""A house, building or flat: `12`, `5А`, `7/2`."""


class ApplyForConnection(AskShape):
    """Whose address is to be added, and how to reach them. What does not exist is left out."""

    last_name: PersonName
    first_name: PersonName
    middle_name: PersonName | None = None
    city: AddressPart
    street: AddressPart
    building: HouseNumber | None = None
    house: HouseNumber
    flat: HouseNumber | None = None
    email: Annotated[str, Field(min_length=3, max_length=254)]
    phone: Annotated[str, Field(max_length=40)] | None = None


class ConnectionApplicationOut(AnswerShape):
    """The application under its number."""

    number: str
    status: Literal["accepted"]
