"""Cursors of lists: opaque words that carry the key after which a page goes on.

A cursor names a place within the caller's own list and gives no right to anything: whoever makes
one up only chooses where to begin.
"""

import base64
import binascii
import json

from chalicelib.errors import Code, refuse_field


def pack(*place: str) -> str:
    """The cursor that stands after `place`."""
    text = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(cursor: str | None, parts: int) -> tuple[str, ...] | None:
    """The place of a cursor, None without one. Raises Refused `cursor_invalid` on the field."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as exc:
        raise refuse_field("cursor", Code.CURSOR_INVALID) from exc
    if (
        not isinstance(place, list)
        or len(place) != parts
        or not all(isinstance(part, str) for part in place)
    ):
        raise refuse_field("cursor", Code.CURSOR_INVALID)
    return tuple(place)
