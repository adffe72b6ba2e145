"""Small pictures for the review page, made when asked for and kept in memory only: a takedown leaves none behind."""

from __future__ import annotations

import collections
import io
import threading
from pathlib import Path

from PIL import Image

from pipeline import images

SIDE = 160
"""Longest side in pixels."""

ROOM = 128 << 20
"""Bytes of thumbnails that are kept: some thirty thousand."""


def render(path: Path) -> bytes:
    """A picture at most `SIDE` pixels on a side, as WebP; transparency stays. Raises BadImage, OSError."""
    image = images.open_image(path)
    image.thumbnail((SIDE, SIDE), resample=Image.Resampling.BICUBIC, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=1)
    return out.getvalue()


class Thumbs:
    """The thumbnails of stored files, least recently used forgotten first. Several threads may ask."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._held = 0
        self._made: collections.OrderedDict[Path, bytes] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path) -> bytes:
        """As `render`. A stored file never changes, so its name is enough to remember it by; one that is gone is forgotten."""
        with self._lock:
            found = self._made.get(path)
            if found is not None:
                self._made.move_to_end(path)
        if found is not None and path.exists():
            return found
        try:
            made = render(path)
        except OSError:
            self._forget(path)
            raise
        with self._lock:
            self._held += len(made) - len(self._made.pop(path, b""))
            self._made[path] = made
            while self._held > self._room:
                self._held -= len(self._made.popitem(last=False)[1])
        return made

    def _forget(self, path: Path) -> None:
        with self._lock:
            self._held -= len(self._made.pop(path, b""))
