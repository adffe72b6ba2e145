"""In which way two aligned pictures are one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align
from pipeline.curate.align import Floats
from pipeline.curate.views import Looks
from pipeline.measure.signature import SIDE

KINDS = ("exact", "re-encoded", "resized", "cropped", "padded", "rotated", "mirrored", "recolour")
"""The ways in which two pictures can be one. More than one may hold: mirrored outranks rotated, rotated cropped and padded. A recolour is
the same drawing, but not the same picture."""

TURN = 0.02
"""Radians from which a picture counts as rotated; an aligned copy's error is a tenth of that."""

FRAMED = 0.985
"""Share of both pictures that overlaps in copies which are neither cropped nor padded."""

MARGIN_LEVELS, MARGIN_SHARE = 24, 0.9
"""A margin is plain when this share of its cells lies within so many levels of brightness."""


def named(first: Looks, second: Looks, maps: Floats, flip: bool) -> NDArray[np.object_]:
    """The kind of each of n pairs that are one picture; `flip`: the second's mirror image was looked at."""
    if flip:
        return np.full(len(maps), "mirrored", dtype=object)
    angle, shared = turn(first, maps), frames(first, second, maps)
    kind = np.where((first.size == second.size).all(axis=1), "re-encoded", "resized").astype(object)
    for at in np.flatnonzero(shared.min(axis=1) < FRAMED):
        kind[at] = "padded" if plain_margins(first, second, maps, int(at)) else "cropped"
    kind[np.abs(angle) > TURN] = "rotated"
    return kind


def turn(first: Looks, maps: Floats) -> NDArray[np.float64]:
    """The rotation in each map, radians, in pixels of the picture."""
    extent = (first.box[:, 2:] - first.box[:, :2]) * first.size
    aspect = extent[:, 0] / extent[:, 1]
    found: NDArray[np.float64] = np.arctan2(maps[:, 1, 0] / aspect - maps[:, 0, 1] * aspect, maps[:, 0, 0] + maps[:, 1, 1])
    return found


def stretch(first: Looks, second: Looks, maps: Floats) -> NDArray[np.float64]:
    """How much more one side is enlarged than the other (logarithm, 0 for not at all), in pixels or in shares, whichever is less.

    A thumbnail may have been squeezed to a square, margins of one width may have been added to an oblong picture; else nothing stretches.
    """
    own, other = (side.box[:, 2:] - side.box[:, :2] for side in (first, second))
    shares = np.abs(maps[:, [0, 1], [0, 1]]) * other / own
    both = [shares, shares * second.size / first.size]
    found: NDArray[np.float64] = np.min([np.abs(np.log(factor[:, 0] / factor[:, 1])) for factor in both], axis=0)
    return found


def frames(first: Looks, second: Looks, maps: Floats) -> NDArray[np.float64]:
    """n×2: which share of the first picture's extent lies on the second, and which of the second's on the first (0–1).

    Taken from the boxes, so that a subject that was looked at by itself tells of its picture's margins too.
    """
    result = np.ones((len(maps), 2))
    own, other = (side.box[:, 2:] - side.box[:, :2] for side in (first, second))
    for axis in range(2):
        # where the edges of the first picture (0 and 1) come to lie on the second
        ends = []
        for edge in (0.0, 1.0):
            there = maps[:, axis, axis] * ((edge - first.box[:, axis]) / own[:, axis] * 2 - 1) + maps[:, axis, 2]
            ends.append((there + 1) / 2 * other[:, axis] + second.box[:, axis])
        low, high = np.minimum(*ends), np.maximum(*ends)
        common = np.maximum(np.minimum(high, 1) - np.maximum(low, 0), 0)
        result[:, 0] *= common / np.maximum(high - low, 1e-6)
        result[:, 1] *= common
    return result


def plain_margins(first: Looks, second: Looks, maps: Floats, at: int) -> bool:
    """Whether what one picture of pair `at` has beyond the other is of one colour (or of one colour on each side)."""
    plain = True
    for one, way in ((first, maps[at : at + 1]), (second, align.inverse(maps[at : at + 1]))):
        x, y = align.grid(SIDE)
        across = way[0, 0, 0] * x + way[0, 0, 1] * y + way[0, 0, 2]
        down = way[0, 1, 0] * x + way[0, 1, 1] * y + way[0, 1, 2]
        for beyond in (across < -1.02, across > 1.02, down < -1.02, down > 1.02):
            cells = one.luma[at][beyond]
            if len(cells):
                plain &= float(np.mean(np.abs(cells - np.median(cells)) <= MARGIN_LEVELS)) >= MARGIN_SHARE
    return plain
