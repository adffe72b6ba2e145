"""Strangers known at a glance: their coarse colours differ more than any brightness control and any slip of a cell explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align
from pipeline.curate.align import Floats
from pipeline.curate.cells import unexplained
from pipeline.curate.views import Looks

APART = 76.0
"""Largest difference (0–255) in red, green or blue of 3 × 3 coarse cells that lets a pair through: the strongest brightness curve
(`tone.GAINS`) moves white by 59, and 17 more are allowed (`closest.LIMIT`). 5,700 copies of real pictures reached 59."""


def passes(first: Looks, second: Looks, maps: Floats, side: int) -> NDArray[np.bool_]:
    """Which pairs, laid over each other by `maps`, may still be one picture; `side`: coarse cells on a side (32 at most)."""
    return worst(first, second, maps, side) <= APART


def worst(first: Looks, second: Looks, maps: Floats, side: int) -> NDArray[np.float64]:
    """The largest unexplained difference of colour (0–255) over 3 × 3 coarse cells."""
    both = np.concatenate([second.colours(side), second.counts(side)[..., None]], axis=3)
    moved, inside = align.warp(both, maps)
    weight = (inside * first.counts(side) * moved[..., 3] > 0.7).astype(np.float32)
    mine, theirs = first.colours(side), moved[..., :3]
    patches = unexplained((mine, mine), (theirs, theirs), weight)
    found: NDArray[np.float64] = patches.reshape(len(patches), -1).max(axis=1).astype(float)
    return found
