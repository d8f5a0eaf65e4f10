"""The web cabinet as it is served: its headers, addresses and caching, for AWS and for local runs.

The words stand in `cabinet.json`, once. `distribution.json` defines the bucket's way to the world;
what it cannot hold, the policy of headers and the function's code, is made here.
"""

import json
from typing import Any, Final

from infra.definitions import FOLDER

_TOLD: Final[dict[str, Any]] = json.loads((FOLDER / "cabinet.json").read_text())
HEADERS: Final[dict[str, str]] = _TOLD["headers"]
"""What comes with every file of the cabinet; HSTS comes to it where there is TLS."""
PAGES: Final[tuple[str, ...]] = tuple(_TOLD["pages"])
"""The first words of the addresses that show a page."""
HSTS_SECONDS: Final = 63_072_000
_NO_PLACE: Final = "var PAGES = [];"


def cache_control(key: str) -> str:
    """How long browsers and CloudFront keep the file `key` (`assets/index-abc.js`).

    Names under `assets/` carry the hash of what they hold; every other file is asked about each time.
    """
    return "public, max-age=31536000, immutable" if key.startswith("assets/") else "no-cache"


def is_page(path: str) -> bool:
    """Whether the cabinet knows a page at `path`, or below it."""
    return path == "/" or path.removeprefix("/").split("/")[0] in PAGES


def function_code() -> str:
    """The code of `pages.js` with the addresses in it."""
    code = (FOLDER / "pages.js").read_text()
    assert _NO_PLACE in code
    return code.replace(_NO_PLACE, f"var PAGES = {json.dumps(PAGES)};")


def headers_policy() -> dict[str, Any]:
    """The headers as CloudFront's policy: security's own have fields, the others are custom ones."""
    left = dict(HEADERS)
    security = {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": left.pop("Content-Security-Policy"),
            "Override": True,
        },
        "ReferrerPolicy": {"ReferrerPolicy": left.pop("Referrer-Policy"), "Override": True},
        "StrictTransportSecurity": {
            "AccessControlMaxAgeSec": HSTS_SECONDS,
            "IncludeSubdomains": True,
            "Override": True,
        },
    }
    assert left.pop("X-Content-Type-Options") == "nosniff"  # the only value that there is
    security["ContentTypeOptions"] = {"Override": True}
    custom = [{"Header": name, "Value": value, "Override": True} for name, value in left.items()]
    return {"SecurityHeadersConfig": security, "CustomHeadersConfig": {"Items": custom}}


def computed() -> dict[str, Any]:
    """What joins the resources of `distribution.json`."""
    return {
        "PagesFunction": {"Properties": {"FunctionCode": function_code()}},
        "CabinetHeaders": {"Properties": {"ResponseHeadersPolicyConfig": headers_policy()}},
    }
