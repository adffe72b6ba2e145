"""Small pictures for the review page, made when asked for and kept in memory only: a takedown leaves none behind."""

from __future__ import annotations

import collections
import io
import threading

from PIL import Image

from pipeline import image_store, images
from pipeline.image_store import Place

SIDES = (160, 320)
"""Longest sides in pixels that may be asked for."""

ROOM = 128 << 20
"""Bytes of thumbnails that are kept: some thirty thousand small ones."""


def render(place: Place, side: int = SIDES[0]) -> bytes:
    """A picture at most `side` pixels on a side, as WebP; transparency stays. Raises BadImage, OSError."""
    image = images.open_image(image_store.read(place))
    image.thumbnail((side, side), resample=Image.Resampling.BICUBIC, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=1)
    return out.getvalue()


class Thumbs:
    """The thumbnails of stored files, least recently used forgotten first. Several threads may ask."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._held = 0
        self._made: collections.OrderedDict[tuple[Place, int], bytes] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, place: Place, side: int = SIDES[0]) -> bytes:
        """As `render`, for one of `SIDES` (else ValueError). A stored file never changes, so its name is enough to remember it by; a file
        that is gone is forgotten, too; other places are not asked again."""
        if side not in SIDES:
            raise ValueError(f"thumbnails have sides of {SIDES}")
        key = place, side
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
        if found is not None and (isinstance(place, str) or place.exists()):
            return found
        try:
            made = render(place, side)
        except OSError:
            self._forget(place)
            raise
        with self._lock:
            self._held += len(made) - len(self._made.pop(key, b""))
            self._made[key] = made
            while self._held > self._room:
                self._held -= len(self._made.popitem(last=False)[1])
        return made

    def _forget(self, place: Place) -> None:
        with self._lock:
            self._held -= sum(len(self._made.pop((place, side), b"")) for side in SIDES)
