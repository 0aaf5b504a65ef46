"""Where things are: the checkout, what is generated under build/, and the cache that all checkouts share."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
LOGS = BUILD / "logs"


def cache() -> Path:
    """The folder for interpreters built here; outside the checkout, because a build takes minutes."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says that a relative value is to be ignored.
    parent = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return parent / "raddle"
