"""A device as its owner would know it again: a coarse label, never the whole user agent."""

from typing import Final

_PROGRAMS: Final = (
    # The more special first: nearly every browser also says "Chrome" and "Safari".
    ("YaBrowser", "Yandex Browser"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def label(user_agent: str) -> str:
    """`Firefox, Linux` and the like; the program's own first word for other programs."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), None)
    if program is None:
        words = user_agent.split()
        own = words[0].split("/")[0] if words else ""
        program = own if own.isascii() and own.replace("-", "").isalnum() else None
    return ", ".join(part for part in (program, system) if part)[:60]
