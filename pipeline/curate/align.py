"""Lay one signature over another: the affine map, near a given one, that makes them agree best.

Gauss-Newton on brightness, composed step by step (Baker, Matthews: Lucas-Kanade 20 years on, 2004), with the mean of both gradients
(Malis 2004), a gain and an offset of brightness among the unknowns, and weights that fade with the residual, so that frames, marks and
changed parts do not pull. Coordinates run from −1 to 1 across a signature.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RIDGE = 1e-3
"""Share of the mean curvature added to each: a picture without edges one way must not slide that way for nothing."""


class Pair(NamedTuple):
    """n pairs at one resolution: brightness of both (float32 n×s×s, 0–255) and how far each cell counts (0–1)."""

    first: Floats
    second: Floats
    first_weight: Floats
    second_weight: Floats


def grid(side: int) -> tuple[Floats, Floats]:
    """x and y of the cells' centres, side×side."""
    steps = ((np.arange(side, dtype=np.float32) + 0.5) * 2 / side - 1).astype(np.float32)
    return np.broadcast_to(steps[None, :], (side, side)), np.broadcast_to(steps[:, None], (side, side))


def warp(cells: Floats, maps: Floats, side: int | None = None) -> tuple[Floats, Floats]:
    """Sample n×s×s(×c) cells at what `maps` (n×2×3) make of a grid, bilinearly.

    Returns the samples and which of them lie inside (1 or 0); outside, the nearest edge is taken.
    """
    count, size = cells.shape[:2]
    x, y = grid(side or size)
    across = (maps[:, 0, 0, None, None] * x + maps[:, 0, 1, None, None] * y + maps[:, 0, 2, None, None] + 1) * (size / 2) - 0.5
    down = (maps[:, 1, 0, None, None] * x + maps[:, 1, 1, None, None] * y + maps[:, 1, 2, None, None] + 1) * (size / 2) - 0.5
    inside = ((across >= -0.5) & (across <= size - 0.5) & (down >= -0.5) & (down <= size - 0.5)).astype(np.float32)
    across, down = np.clip(across, 0, size - 1), np.clip(down, 0, size - 1)
    left, top = np.minimum(across.astype(np.intp), size - 2), np.minimum(down.astype(np.intp), size - 2)
    right_part, low_part = (across - left).astype(np.float32), (down - top).astype(np.float32)
    flat = cells.reshape(count * size * size, *cells.shape[3:])
    at = (np.arange(count) * size * size)[:, None, None] + top * size + left
    if cells.ndim > 3:
        right_part, low_part = right_part[..., None], low_part[..., None]
    upper, lower = flat.take(at, axis=0), flat.take(at + size, axis=0)
    upper += (flat.take(at + 1, axis=0) - upper) * right_part
    lower += (flat.take(at + size + 1, axis=0) - lower) * right_part
    upper += (lower - upper) * low_part
    return upper, inside


def refine(pair: Pair, maps: Floats, steps: int, soft: float) -> Floats:
    """Better maps (n×2×3, from the first picture's coordinates to the second's) after so many steps.

    A cell whose residual (0–255) is `soft` has lost half its weight.
    """
    side = pair.first.shape[1]
    x, y = grid(side)
    own = _slopes(pair.first)
    both = pair.first_weight * warp(pair.second_weight, maps)[0]
    for _ in range(steps):
        moved, inside = warp(pair.second, maps)
        weight = inside * both
        gain, offset = level(pair.first, moved, weight)
        moved = moved * gain[:, None, None] + offset[:, None, None]
        across, down = ((mine + theirs) / 2 for mine, theirs in zip(own, _slopes(moved), strict=True))
        residual = pair.first - moved
        weight = weight / (1 + (residual / soft) ** 2)
        slopes = np.stack([across * x, across * y, across, down * x, down * y, down, moved / 128, np.ones_like(moved)], axis=1)
        slopes = slopes.reshape(len(maps), 8, -1)
        weighted = slopes * weight.reshape(len(maps), 1, -1)
        normal = weighted @ slopes.transpose(0, 2, 1)
        diagonal = np.einsum("nkk->nk", normal)
        diagonal += RIDGE * diagonal.mean(axis=1, keepdims=True) + 1e-3
        step = np.linalg.solve(normal, weighted @ residual.reshape(len(maps), -1, 1))[:, :6, 0].reshape(-1, 2, 3)
        step = np.clip(step, -0.1, 0.1)
        step[:, [0, 1], [0, 1]] += 1
        maps = compose(maps, step.astype(np.float32))
    return maps


def level(first: Floats, second: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Gain (0.6–1.7) and offset of brightness that bring the second to the first, by least squares; the mean moves by at most 60."""
    total = weight.sum(axis=(1, 2)) + 1e-6
    one, two = ((side * weight).sum(axis=(1, 2)) / total for side in (first, second))
    spread = (weight * (second - two[:, None, None]) ** 2).sum(axis=(1, 2)) / total
    common = (weight * (second - two[:, None, None]) * (first - one[:, None, None])).sum(axis=(1, 2)) / total
    gain = np.clip((common + 4) / (spread + 4), 0.6, 1.7).astype(np.float32)
    return gain, (np.clip(one - two, -60, 60) + two * (1 - gain)).astype(np.float32)


def compose(outer: Floats, inner: Floats) -> Floats:
    """The map that applies `inner`, then `outer`."""
    result = outer[:, :, :2] @ inner
    result[:, :, 2] += outer[:, :, 2]
    return result.astype(np.float32)


def inverse(maps: Floats) -> Floats:
    """The maps the other way."""
    linear = np.linalg.inv(maps[:, :, :2])
    return np.concatenate([linear, -linear @ maps[:, :, 2:]], axis=2).astype(np.float32)


def _slopes(cells: Floats) -> tuple[Floats, Floats]:
    """Change of brightness per unit of x and of y."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
    half = cells.shape[1] / 4
    return (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) * half, (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) * half
