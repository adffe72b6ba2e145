"""The second look at a candidate pair: both signatures are aligned, brought to one brightness, and compared cell by cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align, start
from pipeline.curate.align import Floats
from pipeline.curate.closest import SURE, close, limit
from pipeline.curate.views import Looks

ROUGH, PEAK = 25.0, 105.0
"""Mean and largest difference (0–255) of cells, aligned so far, beyond which a pair is given up; true copies reached 92."""

DIRECT = 5.0
"""Mean difference (0–255) at 16 × 16 cells up to which the closest look is taken at once."""

LEVELS = ((16, 6, 60.0), (32, 5, 40.0), (64, 2, 20.0))
"""Cells on a side, steps of alignment, and the residual that halves a cell's weight."""

LEAST = 0.5
"""Least share of each view that must overlap the other."""


class Look(NamedTuple):
    """Of n pairs: the largest local differences of brightness (at 64 × 64) and colour (at 32 × 32), 0–255, infinite for strangers;
    the map from the first view to the second; the share of each view that overlaps the other; the curve's strength."""

    light: NDArray[np.float64]
    colour: NDArray[np.float64]
    maps: Floats
    overlap: NDArray[np.float64]
    effort: NDArray[np.float64]

    @property
    def difference(self) -> NDArray[np.float64]:
        """The larger one of both."""
        return np.maximum(self.light, self.colour)

    @property
    def same(self) -> NDArray[np.bool_]:
        """Which pairs are one picture."""
        found: NDArray[np.bool_] = (self.difference <= limit(self.effort)) & (self.overlap.min(axis=1) >= LEAST)
        return found


def look(first: Looks, second: Looks) -> Look:
    """Compare n pairs of views."""
    count = len(first.luma)
    light, colour = np.full(count, np.inf), np.full(count, np.inf)
    overlap, effort = np.zeros((count, 2)), np.zeros(count)
    both = start.pair(first, second, 16)
    maps = start.best(first, second, both)
    # most copies lie in the same frame and need no alignment
    direct = np.flatnonzero(start.rough(both, maps)[0] <= DIRECT)
    if len(direct):
        light[direct], colour[direct], overlap[direct], effort[direct] = close(first.some(direct), second.some(direct), maps[direct])
    left = np.flatnonzero(np.maximum(light, colour) > SURE)
    for side, steps, soft in LEVELS:
        if not len(left):
            break
        both = start.pair(first.some(left), second.some(left), side)
        maps[left] = align.refine(both, maps[left], steps, soft)
        rough, peak = start.rough(both, maps[left])
        left = left[(rough <= ROUGH) & (peak <= PEAK)]
    if len(left):
        seen = close(first.some(left), second.some(left), maps[left])
        better = np.maximum(seen[0], seen[1]) < np.maximum(light[left], colour[left])
        for target, values in zip((light, colour, overlap, effort), seen, strict=True):
            target[left[better]] = values[better]
    return Look(light, colour, maps, overlap, effort)
