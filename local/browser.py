"""Chromium for the stories, the audit and the pictures: found, or installed where that is allowed."""

import os
import shutil
import subprocess
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


class ChromiumMissing(Exception):
    """No Chromium is here, and none may be installed; the message says what to do."""


def chromium() -> str:
    """Its path; `CHROMIUM` names one. Raises ChromiumMissing."""
    if found := _found():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-q", *command], capture_output=True, check=False)
        if found := _found():
            return found
    raise ChromiumMissing(
        "Chromium is missing: install it from your system's packages (Debian: apt install chromium)"
        " or name one in CHROMIUM"
    )


def _found() -> str | None:
    asked = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [asked] if asked else NAMES)), None)
