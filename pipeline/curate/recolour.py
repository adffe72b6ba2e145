"""The same drawing in other colours: its outlines agree, and much of what they enclose does not.

Outlines are those of brightness; two paints that are equally bright hide the line between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.curate.align import Floats
from pipeline.curate.cells import unexplained
from pipeline.curate.views import Looks

COARSE = 16
"""Cells on a side at which colours, and outlines at a glance, are compared."""

GLANCE = 0.85
"""Least correlation of coarse outlines that is looked at closely."""

OUTLINES = ((32, 80.0), (64, 50.0))
"""Cells on a side, and the largest local difference of outlines (0–255) in one and the same drawing. At 64, of robots with other eyes or
another mouth 2% stay below it, of those drawn anew in another colour 47%, of skin tones 62%, of pictures with another hue all."""

EDGE = 12.0
"""Change of brightness between neighbours (0–255) that is half an outline: more of it soon counts as a whole one, whatever the paint."""

OTHER, SHARE = 20.0, 0.2
"""Levels (0–255) from which a cell has another colour, and the least share of the drawing's cells that must: another mouth is no paint."""

GROUND = 12.0
"""Largest difference (0–255) from the edge's median on plain ground."""

FRAME = 0.05
"""Largest difference between the edges of both views, as shares of the picture: what is not in the same frame is not looked at."""


def recoloured(first: Looks, second: Looks) -> NDArray[np.bool_]:
    """Which of n pairs in the same frame are one drawing in two paints."""
    found: NDArray[np.bool_] = np.abs(first.box - second.box).max(axis=1) <= FRAME
    found &= _painted(first.colours(COARSE), second.colours(COARSE), first.counts(COARSE) * second.counts(COARSE)) >= SHARE
    found &= _correlation(outlines(first, COARSE), outlines(second, COARSE)) >= GLANCE
    for side, most in OUTLINES:
        left = np.flatnonzero(found)
        one, two = first.some(left), second.some(left)
        mine, theirs = outlines(one, side), outlines(two, side)
        counts = (one.counts(side) * two.counts(side) > 0.7).astype(np.float32)
        found[left] = unexplained((mine, mine), (theirs, theirs), counts).max(axis=(1, 2)) <= most
    return found


def outlines(looks: Looks, side: int) -> Floats:
    """How much of an outline each cell is, 0–255, n×side×side."""
    padded = np.pad(looks.soft(side), ((0, 0), (1, 1), (1, 1)), mode="edge")
    across, down = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2], padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    change = np.hypot(across, down)
    found: Floats = (255 * change / (change + EDGE)).astype(np.float32)
    return found


def _correlation(first: Floats, second: Floats) -> Floats:
    one, two = (side - side.mean(axis=(1, 2), keepdims=True) for side in (first, second))
    scale = np.sqrt((one * one).sum(axis=(1, 2)) * (two * two).sum(axis=(1, 2)))
    found: Floats = (one * two).sum(axis=(1, 2)) / np.maximum(scale, 1e-3)
    return found


def _painted(first: Floats, second: Floats, counts: Floats) -> Floats:
    """The share of the drawings' cells that have another colour; n×s×s×3 RGB."""
    drawn = (_off_ground(first) | _off_ground(second)) & (counts > 0.7)
    other = drawn & (np.abs(first - second).max(axis=3) > OTHER)
    found: Floats = other.sum(axis=(1, 2)) / np.maximum(drawn.sum(axis=(1, 2)), 1)
    return found


def _off_ground(colours: Floats) -> NDArray[np.bool_]:
    edge = np.concatenate([colours[:, 0], colours[:, -1], colours[:, :, 0], colours[:, :, -1]], axis=1)
    found: NDArray[np.bool_] = np.abs(colours - np.median(edge, axis=1)[:, None, None]).max(axis=3) > GROUND
    return found
