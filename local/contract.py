"""Writes the OpenAPI document that the API publishes, without running anything: build/openapi.json."""

import json
import sys
from pathlib import Path

from local import environment

NOWHERE = "http://127.0.0.1:9"


def main(path: Path) -> None:
    """Import the application as a local run would, and write its contract to `path`."""
    environment.apply(
        environment.application_environment(
            dynamodb_url=NOWHERE,
            cloud_url=NOWHERE,
            public_url="http://localhost:8000",
            real=environment.Outside(),
        )
    )
    import app
    from chalicelib import openapi
    from chalicelib.handlers.edge import OPERATIONS

    assert app
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(openapi.document(OPERATIONS), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
