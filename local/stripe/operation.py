"""What an entry of the API is: a method, a path, a shape of parameters and a function."""

from collections.abc import Callable
from dataclasses import dataclass

from local.stripe.errors import Json
from local.stripe.shapes import Shape

Run = Callable[..., Json]
"""Called with the call, the parameters, and the ids of the path by name; answers an object."""


@dataclass(frozen=True)
class Operation:
    """`Operation("POST", "/v1/customers/{customer}", UPDATE, update)`."""

    method: str
    path: str
    shape: Shape
    run: Run
