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

SAMPLE = 500
"""Colours that are enough to find the commonest; up to twice as many are looked at."""

_NOTHING = np.zeros((1, 1), dtype=bool)

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
    colours, hidden = _ring(pixels.transpose(2, 0, 1)), _ring(clear[None])[0]
    covered = int(np.count_nonzero(hidden))
    share = covered / hidden.size
    colour = np.full(3, 255, dtype=np.int16) if share >= 0.5 else dominant((colours[:, ~hidden] if covered else colours).T)
    red, green, blue = colour.tolist()
    away = distance(colours.T[None], (red, green, blue))[0]
    if covered:
        away[hidden] = 0
    near, same = (int(np.count_nonzero(away <= limit)) / hidden.size for limit in (NEAR, SAME))
    return Border((red, green, blue), near, same, share)


def background(pixels: NDArray[np.uint8], clear: Flags, colour: tuple[int, int, int]) -> Flags:
    """Which of the h×w×3 pixels are transparent or near `colour`."""
    flags: Flags | None = None
    for channel, value in enumerate(colour):
        low = max(value - NEAR, 0)
        # below `low` the difference wraps around and is large: one comparison instead of two
        near = (pixels[..., channel] - np.uint8(low)) <= np.uint8(min(value + NEAR, 255) - low)
        flags = near if flags is None else np.logical_and(flags, near, out=flags)
    assert flags is not None
    return np.logical_or(flags, clear, out=flags)


def subject(pixels: NDArray[np.uint8], clear: Flags, found: Border, flags: Flags) -> tuple[Box, Border]:
    """Bounding box (left, top, right, bottom) of what is not background, and its border; the whole picture where nothing stands out.

    `found` and `flags`: what `examine` and `background` say of the whole.
    """
    height, width = clear.shape
    left, top, right, bottom = 0, 0, width, height
    for peel in range(PEELS):
        inner, hidden = pixels[top:bottom, left:right], clear[top:bottom, left:right]
        if peel:
            if found.uniformity < FRAME:
                break
            flags = background(inner, hidden, found.colour)
        box = _bounds(~flags) or _bounds(~hidden)
        if box is None or box == (0, 0, right - left, bottom - top):
            break
        left, top, right, bottom = left + box[0], top + box[1], left + box[2], top + box[3]
        found = examine(pixels[top:bottom, left:right], clear[top:bottom, left:right])
    return (left, top, right, bottom), found


def distance(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The largest difference of any channel between h×w×3 pixels and `colour`, uint8 h×w."""
    away: NDArray[np.int16] | None = None
    for channel, value in enumerate(colour):
        apart = pixels[..., channel].astype(np.int16)
        apart -= np.int16(value)
        np.abs(apart, out=apart)
        away = apart if away is None else np.maximum(away, apart, out=away)
    assert away is not None
    return away.astype(np.uint8)


def dominant(colours: NDArray[Any]) -> NDArray[np.int16]:
    """The commonest colour among n×3 values: the median, if half of them are near it, else the fullest cell of a 32-level grid; then
    twice the median of what is near that. Of very many, every so many-th is looked at."""
    planes = colours[:: max(1, len(colours) // SAMPLE)].T.astype(np.uint8, order="C", copy=False)
    centre = _median(planes)
    near = _near(planes, centre)
    if 2 * len(near) < planes.shape[1]:
        cells = (planes >> 3).astype(np.int16)
        codes = (cells[0] << 10) | (cells[1] << 5) | cells[2]
        centre = _median(planes.take(np.flatnonzero(codes == np.bincount(codes).argmax()), axis=1))
        near = _near(planes, centre)
    elif len(near) == planes.shape[1]:
        return centre
    centre = _median(planes.take(near, axis=1))
    return _median(planes.take(_near(planes, centre), axis=1))


def largest(values: NDArray[Any]) -> NDArray[Any]:
    """Largest of the three values along the last axis; ten times as fast as numpy's own `max` over so short an axis."""
    found: NDArray[Any] = np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])
    return found


def _near(planes: NDArray[np.uint8], colour: NDArray[np.int16]) -> NDArray[np.intp]:
    """Which of 3×n values are near `colour`, as positions."""
    red, green, blue = colour.tolist()
    return np.flatnonzero(background(planes.T[None], _NOTHING, (red, green, blue))[0])


def _median(planes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Of each of the three rows; the mean of the middle two is rounded down."""
    low, high = (planes.shape[1] - 1) // 2, planes.shape[1] // 2
    ordered = np.partition(planes, (low, high), axis=1).astype(np.int16)
    found: NDArray[np.int16] = (ordered[:, low] + ordered[:, high]) // 2
    return found


def _ring(planes: NDArray[Any]) -> NDArray[Any]:
    """The outermost ring of c×h×w values as c×n, in no particular order."""
    count, height, width = planes.shape
    thick = max(1, round(min(height, width) * RING))
    if min(height, width) <= 2 * thick:
        return planes.reshape(count, -1)
    sides = planes[:, thick : height - thick]
    pieces = (planes[:, :thick], planes[:, height - thick :], sides[:, :, :thick], sides[:, :, width - thick :])
    return np.concatenate([piece.reshape(count, -1) for piece in pieces], axis=1)


def _bounds(flags: Flags) -> Box | None:
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
