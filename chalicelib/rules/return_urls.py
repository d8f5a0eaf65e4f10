"""Where a person may be sent back to from the provider's pages: only to origins we were told of."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_PLAIN = re.compile(r"[!-~]+")


def allowed(url: str, origins: str) -> bool:
    """Whether `url` lies in one of `origins` (comma-separated): scheme, host and port are equal.

    Browsers read a backslash as a slash and drop control characters, so neither may be there.
    """
    if not _PLAIN.fullmatch(url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return bool(parts.netloc) and origin in {each.strip().lower() for each in origins.split(",")}


def with_query(url: str, **params: str) -> str:
    """`url` with `params` added to its query; what it had of the same names is replaced."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in params]
    return urlunsplit(parts._replace(query=urlencode([*kept, *params.items()])))
