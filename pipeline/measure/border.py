"""Background found from the border: pure functions of a working copy's pixels.

Two colours are near each other when no channel differs by more than `NEAR`; JPEG at quality 75 moves a plain background by
less than that, and light grey stays apart from white.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NEAR = 20
"""Largest difference in any channel (0–255) between two colours that count as the same."""

SAME = 2
"""Largest difference in any channel (0–255) within a background that was filled, not photographed or painted."""

RING = 0.02
"""Width of the border ring as a share of the shorter side; at least one pixel."""

FRAME = 0.98
"""A ring this much of one colour (share) is taken for a frame or margin, and what it encloses is looked at again."""

PEELS = 4
"""How many frames inside each other are looked for."""

Flags = NDArray[np.bool_]
Box = tuple[int, int, int, int]


class Border(NamedTuple):
    """`colour`: dominant RGB of the ring. The rest are shares of its pixels, 0–1. `uniformity`: near that colour or
    transparent. `flat`: the same within `SAME`. `clear`: transparent."""

    colour: tuple[int, int, int]
    uniformity: float
    flat: float
    clear: float

    @property
    def transparent(self) -> bool:
        """Whether most of the ring is transparent; `colour` is then white, on which transparency is laid."""
        return self.clear >= 0.5


def examine(pixels: NDArray[np.uint8], clear: Flags) -> Border:
    """The border of h×w×3 pixels, of which those flagged in `clear` are transparent."""
    ring = _ring(pixels.shape[0], pixels.shape[1])
    colours, hidden = pixels[ring].astype(np.int16), clear[ring]
    share = float(hidden.mean())
    colour = np.full(3, 255, dtype=np.int16) if share >= 0.5 else dominant(colours[~hidden])
    away = np.where(hidden, 0, largest(np.abs(colours - colour)))
    red, green, blue = (int(value) for value in colour)
    return Border((red, green, blue), float((away <= NEAR).mean()), float((away <= SAME).mean()), share)


def background(pixels: NDArray[np.uint8], clear: Flags, colour: tuple[int, int, int]) -> Flags:
    """Which of the h×w×3 pixels are transparent or near `colour`."""
    away = largest(np.abs(pixels.astype(np.int16) - np.array(colour, dtype=np.int16)))
    flags: Flags = (away <= NEAR) | clear
    return flags


def subject(pixels: NDArray[np.uint8], clear: Flags) -> Box:
    """Bounding box (left, top, right, bottom) of what is not background; the whole picture where nothing stands out."""
    height, width = clear.shape
    left, top, right, bottom = 0, 0, width, height
    for _ in range(PEELS):
        inner, hidden = pixels[top:bottom, left:right], clear[top:bottom, left:right]
        found = examine(inner, hidden)
        if (right - left, bottom - top) != (width, height) and found.uniformity < FRAME:
            break
        box = _bounds(~background(inner, hidden, found.colour)) or _bounds(~hidden)
        if box is None or box == (0, 0, right - left, bottom - top):
            break
        left, top, right, bottom = left + box[0], top + box[1], left + box[2], top + box[3]
    return left, top, right, bottom


def dominant(colours: NDArray[np.int16]) -> NDArray[np.int16]:
    """The commonest colour among n×3 values: the fullest cell of a 32-level grid, then twice the median of what is near it."""
    cells = colours // 8
    codes = (cells[:, 0].astype(np.int32) << 10) | (cells[:, 1] << 5) | cells[:, 2]
    fullest = int(np.bincount(codes).argmax())
    centre = np.median(colours[codes == fullest], axis=0).astype(np.int16)
    for _ in range(2):
        near = largest(np.abs(colours - centre)) <= NEAR
        centre = np.median(colours[near], axis=0).astype(np.int16)
    found: NDArray[np.int16] = centre
    return found


def largest(values: NDArray[Any]) -> NDArray[Any]:
    """Largest of the three values along the last axis; ten times as fast as numpy's own `max` over so short an axis."""
    found: NDArray[Any] = np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])
    return found


def _ring(height: int, width: int) -> Flags:
    thick = max(1, round(min(height, width) * RING))
    ring = np.ones((height, width), dtype=bool)
    ring[thick : height - thick, thick : width - thick] = False
    return ring


def _bounds(flags: Flags) -> Box | None:
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
