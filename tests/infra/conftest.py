"""The packaged template, made once: it takes as long as Chalice takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import package

Template = dict[str, Any]


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged template, without the libraries."""
    return package.package(tmp_path_factory.mktemp("package"), "dev", template_only=True)


@pytest.fixture(scope="session")
def template(path: Path) -> Template:
    """The same, read."""
    read: Template = json.loads(path.read_text())
    return read
