"""What tests of several doors share."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from local.stripe import LocalStripe
    from local.world import World
    from tests.paying import Till


@pytest.fixture
def till(
    api: httpx.Client, stripe_side: "LocalStripe", drain: Callable[[], None], world: "World"
) -> "Till":
    """Starts payments and goes through their pages."""
    from tests.paying import Till

    return Till(api, stripe_side, drain, f"{world.url}/payments")
