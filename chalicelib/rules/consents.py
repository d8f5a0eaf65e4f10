"""The texts that clients consent to: kinds, versions, and where each stands.

A text is a file `consents/<kind>.<version>.<language>.txt`. A changed text is a new file with a
new version here; old files stay, because records point at them by hash.
"""

from typing import Final

CURRENT: Final = {
    "personal_data": "2026-11-01",
    "terms": "2026-11-01",
    "email_notices": "2026-11-01",
    "marketing": "2026-11-01",
}
"""The version in force, per kind."""


def file_name(kind: str, version: str, language: str) -> str:
    """The file of one text."""
    return f"{kind}.{version}.{language}.txt"
