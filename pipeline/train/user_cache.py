"""Where this user's programs keep what they can compute anew: timings, embeddings of real pictures."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def folder() -> Path:
    """The program's folder there, by the custom of the system; it may not exist yet."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "art-pipeline"
