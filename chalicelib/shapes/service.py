"""Shapes of the service's own doors."""

from typing import Literal

from chalicelib.shapes.base import AnswerShape


class Health(AnswerShape):
    """The API answers."""

    status: Literal["ok"]
