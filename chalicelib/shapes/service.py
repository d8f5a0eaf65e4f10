"""Shapes of the service's own doors."""

from typing import Any, Literal

from pydantic import ConfigDict, RootModel

from chalicelib.shapes.base import AnswerShape


class Health(AnswerShape):
    """The API answers."""

    status: Literal["ok"]


class FieldProblem(AnswerShape):
    """One refused field."""

    field: str
    """A path such as `readings[0].values.T1`."""
    code: str
    detail: str


class Problem(AnswerShape):
    """What went wrong (RFC 9457). Programs branch on `code`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    title: str
    status: int
    detail: str
    """In the language asked for by Accept-Language."""
    code: str
    errors: list[FieldProblem] | None = None


class Contract(RootModel[dict[str, Any]]):
    """The OpenAPI 3.1 document."""
