"""How one picture may lie on another before they are aligned: of a few guesses, the one that agrees best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align
from pipeline.curate.align import Floats
from pipeline.curate.views import Looks

STARTS = (1.0, 0.9, 1.11)
"""Sizes of the second picture, relative to the first, that are tried about the middle; besides, the subjects laid over each other."""

TURNS = (-4.0, 4.0)
"""Rotations that are tried, degrees."""


FAVOUR = 0.5
"""Levels (0–255) by which another map than that of the same frame must agree better, and a twentieth."""

COARSE = 8
"""Cells on a side at which they are tried."""


def best(first: Looks, second: Looks) -> Floats:
    """The map to begin with: of the same frame, a larger or smaller one, and subject on subject, what agrees best."""
    both = pair(first, second, COARSE)
    starts = [
        _between(first, second, np.full((len(first.box), 2), scale), np.full((len(first.box), 2), (1 - scale) / 2)) for scale in STARTS
    ]
    starts += [align.compose(starts[0], _turned(first, angle)) for angle in TURNS]
    scale = (second.subject[:, 2:] - second.subject[:, :2]) / (first.subject[:, 2:] - first.subject[:, :2])
    starts.append(_between(first, second, scale, second.subject[:, :2] - scale * first.subject[:, :2]))
    scores = np.stack([rough(both, maps)[0] for maps in starts])
    scores[1:] = scores[1:] * 1.05 + FAVOUR
    found: Floats = np.stack(starts)[scores.argmin(axis=0), np.arange(scores.shape[1])]
    return found


def _turned(looks: Looks, degrees: float) -> Floats:
    """A rotation about the middle of each view."""
    extent = (looks.box[:, 2:] - looks.box[:, :2]) * looks.size
    aspect = (extent[:, 0] / extent[:, 1]).astype(np.float32)
    maps = np.zeros((len(aspect), 2, 3), dtype=np.float32)
    maps[:, 0, 0] = maps[:, 1, 1] = np.cos(np.radians(degrees))
    maps[:, 0, 1], maps[:, 1, 0] = -np.sin(np.radians(degrees)) / aspect, np.sin(np.radians(degrees)) * aspect
    return maps


def _between(first: Looks, second: Looks, scale: NDArray[np.float64], shift: NDArray[np.float64]) -> Floats:
    """The map between views that takes a place x, y (shares of the first picture) to scale·(x, y) + shift of the second."""
    own, other = first.box[:, 2:] - first.box[:, :2], second.box[:, 2:] - second.box[:, :2]
    maps = np.zeros((len(scale), 2, 3), dtype=np.float32)
    for axis in range(2):
        factor = scale[:, axis] * own[:, axis] / other[:, axis]
        middle = scale[:, axis] * (own[:, axis] / 2 + first.box[:, axis]) + shift[:, axis]
        maps[:, axis, axis] = factor
        maps[:, axis, 2] = (middle - second.box[:, axis]) / other[:, axis] * 2 - 1
    return maps


def pair(first: Looks, second: Looks, side: int) -> align.Pair:
    """Both pictures at `side` × `side`, slightly softened."""
    return align.Pair(first.soft(side), second.soft(side), first.counts(side), second.counts(side))


def rough(both: align.Pair, maps: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and largest difference where both count, brightness levelled; 255 where too little of the first lies on the second."""
    moved, inside = align.warp(both.second, maps)
    weight = inside * both.first_weight * align.warp(both.second_weight, maps)[0]
    gain, offset = align.level(both.first, moved, weight)
    away = np.abs(both.first - moved * gain[:, None, None] - offset[:, None, None])
    total = weight.sum(axis=(1, 2))
    mean = (np.minimum(away, 80) * weight).sum(axis=(1, 2)) / np.maximum(total, 1)
    return np.where(total > 0.3 * both.first.shape[1] ** 2, mean, 255.0), (away * (weight > 0.5)).max(axis=(1, 2)).astype(float)
