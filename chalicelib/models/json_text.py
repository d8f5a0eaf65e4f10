"""JSON in an attribute, stored short: letters as they are and no spaces, which is what is paid for.

pynamodb's own writes each Cyrillic letter as six bytes; both read what the other wrote.
"""

import json
from typing import Any

from pynamodb.attributes import JSONAttribute


class JSONText(JSONAttribute):
    """Any JSON value as a string of little length."""

    def serialize(self, value: Any) -> str | None:
        """The value as text; None stays absent."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
