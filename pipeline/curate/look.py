"""The second look at a candidate pair: both signatures are aligned, brought to one brightness, and compared cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align, gate, start
from pipeline.curate.align import Floats
from pipeline.curate.closest import SURE, close, limit
from pipeline.curate.kinds import stretch
from pipeline.curate.views import Looks

GLANCE, FINE = 16, 32
"""Cells on a side at which strangers are turned away: before anything is aligned, and when it nearly is."""

ROUGH, PEAK = 25.0, 105.0
"""Mean and largest difference (0–255) of cells, aligned so far, beyond which a pair is given up; true copies reached 92."""

DIRECT = 5.0
"""Mean difference (0–255) at 16 × 16 cells up to which the closest look is taken at once."""

LEVELS = ((16, 4, 60.0), (FINE, 3, 40.0), (FINE, 2, 40.0), (64, 2, 20.0))
"""Cells on a side, steps of alignment, and the residual that halves a cell's weight."""

FEW = 64
"""Pairs aligned and compared at a time: their arrays stay in the processor's cache."""

LEAST = 0.5
"""Least share of each view that must overlap the other."""

STRETCH = 0.08
"""Largest logarithm of how much more one side is enlarged than the other: an oblong is no square. Of copies 99.9% stayed below 0.03."""


class Look(NamedTuple):
    """Of n pairs: the largest local differences of brightness (at 64 × 64) and colour (at 32 × 32), 0–255, infinite for strangers;
    the map from the first view to the second; the share of each view that overlaps the other; the curve's strength; how much more
    one side is enlarged than the other (logarithm)."""

    light: NDArray[np.float64]
    colour: NDArray[np.float64]
    maps: Floats
    overlap: NDArray[np.float64]
    effort: NDArray[np.float64]
    stretch: NDArray[np.float64]

    @property
    def difference(self) -> NDArray[np.float64]:
        """The larger one of both."""
        return np.maximum(self.light, self.colour)

    @property
    def same(self) -> NDArray[np.bool_]:
        """Which pairs are one picture."""
        whole: NDArray[np.bool_] = (self.overlap.min(axis=1) >= LEAST) & (self.stretch <= STRETCH)
        return whole & (self.difference <= limit(self.effort))


def look(first: Looks, second: Looks) -> Look:
    """Compare n pairs of views."""
    count = len(first.luma)
    light, colour = np.full(count, np.inf), np.full(count, np.inf)
    overlap, effort = np.zeros((count, 2)), np.zeros(count)
    maps = start.best(first, second)
    left = possible = np.flatnonzero(gate.passes(first, second, maps, GLANCE))
    # most copies lie in the same frame and need no alignment
    left = left[start.rough(start.pair(first.some(left), second.some(left), GLANCE), maps[left])[0] <= DIRECT]
    for some in _few(_passing(first, second, maps, left)):
        light[some], colour[some], overlap[some], effort[some] = close(first.some(some), second.some(some), maps[some])
    left = possible[np.maximum(light, colour)[possible] > SURE]
    for side, steps, soft in LEVELS:
        kept = [left[:0]]
        for some in _few(left):
            both = start.pair(first.some(some), second.some(some), side)
            maps[some] = align.refine(both, maps[some], steps, soft)
            rough, peak = start.rough(both, maps[some])
            kept.append(some[(rough <= ROUGH) & (peak <= PEAK)])
        left = np.concatenate(kept)
        if side == FINE:  # most strangers end here
            left = _passing(first, second, maps, left)
    for some in _few(left):
        seen = close(first.some(some), second.some(some), maps[some])
        better = np.maximum(seen[0], seen[1]) < np.maximum(light[some], colour[some])
        for target, values in zip((light, colour, overlap, effort), seen, strict=True):
            target[some[better]] = values[better]
    return Look(light, colour, maps, overlap, effort, stretch(first, second, maps))


def _passing(first: Looks, second: Looks, maps: Floats, which: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those of some pairs that the gate lets through at `FINE` cells."""
    passed = [some[gate.passes(first.some(some), second.some(some), maps[some], FINE)] for some in _few(which)]
    return np.concatenate([which[:0], *passed])


def _few(which: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """`FEW` of them at a time."""
    for at in range(0, len(which), FEW):
        yield which[at : at + FEW]
