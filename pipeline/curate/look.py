"""The second look at a candidate pair: both signatures are aligned, brought to one brightness, and compared cell by cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align, gate, start
from pipeline.curate.align import Floats
from pipeline.curate.closest import SURE, close, limit
from pipeline.curate.views import Looks

ROUGH, PEAK = 25.0, 105.0
"""Mean and largest difference (0–255) of cells, aligned so far, beyond which a pair is given up; true copies reached 92."""

DIRECT = 5.0
"""Mean difference (0–255) at 16 × 16 cells up to which the closest look is taken at once."""

LEVELS = ((16, 6, 60.0), (32, 5, 40.0), (64, 2, 20.0))
"""Cells on a side, steps of alignment, and the residual that halves a cell's weight."""

FEW = 64
"""Pairs aligned and compared at a time: their arrays stay in the processor's cache."""

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
    maps = start.best(first, second)
    left = np.flatnonzero(gate.passes(first, second, maps, 16))
    # most copies lie in the same frame and need no alignment
    direct = left[start.rough(start.pair(first.some(left), second.some(left), 16), maps[left])[0] <= DIRECT]
    for at in range(0, len(direct), FEW):
        some = direct[at : at + FEW]
        light[some], colour[some], overlap[some], effort[some] = close(first.some(some), second.some(some), maps[some])
    left = left[np.maximum(light, colour)[left] > SURE]
    for side, steps, soft in LEVELS:
        kept = [left[:0]]
        for at in range(0, len(left), FEW):
            some = left[at : at + FEW]
            one, two = first.some(some), second.some(some)
            both = start.pair(one, two, side)
            maps[some] = align.refine(both, maps[some], steps, soft)
            rough, peak = start.rough(both, maps[some])
            kept.append(some[(rough <= ROUGH) & (peak <= PEAK) & (gate.passes(one, two, maps[some], min(side, 32)))])
        left = np.concatenate(kept)
    for at in range(0, len(left), FEW):
        some = left[at : at + FEW]
        seen = close(first.some(some), second.some(some), maps[some])
        better = np.maximum(seen[0], seen[1]) < np.maximum(light[some], colour[some])
        for target, values in zip((light, colour, overlap, effort), seen, strict=True):
            target[some[better]] = values[better]
    return Look(light, colour, maps, overlap, effort)
