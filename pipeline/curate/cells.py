"""Cells of pictures laid over each other: softened, banded, and compared patch by patch with half a cell of play."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.curate.align import Floats

SOFTER = 2
"""How often at most the sharper picture is averaged over neighbours (1, 2, 1 both ways) to match the softer one."""

Band = tuple[Floats, Floats]
"""The least and the largest value that a cell may stand for."""


def pooled(cells: NDArray[Any], side: int) -> Floats:
    """n×s×s(×c) cells averaged to n×side×side(×c)."""
    step = cells.shape[1] // side
    if step == 1:
        return cells.astype(np.float32)
    found: Floats = cells.reshape(len(cells), side, step, side, step, *cells.shape[3:]).mean(axis=(2, 4), dtype=np.float32)
    return found


def rgb(luma: Floats, chroma: Floats) -> Floats:
    """RGB, 0–255, n×s×s×3, of brightness n×s×s and colour n×s×s×2 (JFIF)."""
    blue, red = chroma[..., 0] - 128, chroma[..., 1] - 128
    colours = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=3)
    found: Floats = np.clip(colours, 0, 255).astype(np.float32)
    return found


def softer(cells: Floats) -> Floats:
    """n×s×s(×c) cells averaged over neighbours (1, 2, 1 both ways)."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1), (0, 0))[: cells.ndim], mode="edge")
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    found: Floats = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 16
    return found


def softness(first: Floats, second: Floats, weight: Floats) -> NDArray[np.intp]:
    """How often the first picture (or, negative, the second) must be softened to look like the other; n×s×s brightness."""
    kinds, misses, soft = [0], [(np.abs(first - second) * weight).sum(axis=(1, 2))], [first, second]
    for step in range(1, SOFTER + 1):
        soft = [softer(side) for side in soft]
        kinds += [step, -step]
        misses += [(np.abs(one - two) * weight).sum(axis=(1, 2)) for one, two in ((soft[0], second), (first, soft[1]))]
    found: NDArray[np.intp] = np.array(kinds)[np.stack(misses).argmin(axis=0)]
    return found


def band(before: Floats, after: Floats, even: NDArray[np.bool_]) -> Band:
    """What cells may stand for that had one value `before` a curve and have another `after` it; `even`: which are flat.

    Where a cell is a mixture, a curve's value for it lies between the cell's own value and the curve's value of that."""
    return np.where(even, after, np.minimum(before, after)), np.where(even, after, np.maximum(before, after))


def unexplained(first: Band, second: Band, weight: Floats) -> Floats:
    """How much n pairs of n×s×s(×c) cells differ around each inner cell: the mean over 3 × 3 cells that count, n×(s−2)×(s−2)(×c).

    A cell differs by what the other picture's cell cannot explain, being shifted by up to half a cell.
    """
    missed = np.maximum(_missed(first, second), _missed(second, first)) * (weight if first[0].ndim == 3 else weight[..., None])
    patches = missed[:, :-2] + missed[:, 1:-1] + missed[:, 2:]
    found: Floats = (patches[:, :, :-2] + patches[:, :, 1:-1] + patches[:, :, 2:]) / 9
    return found


def _missed(cells: Band, other: Band) -> Floats:
    low, high = (other[0] + around(other[0], np.minimum)) / 2, (other[1] + around(other[1], np.maximum)) / 2
    missed: Floats = np.maximum(np.maximum(low - cells[1], cells[0] - high), 0)
    return missed


def around(cells: Floats, choose: np.ufunc) -> Floats:
    """The smallest or largest value among each cell and its eight neighbours."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1), (0, 0))[: cells.ndim], mode="edge")
    rows = choose(choose(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    found: Floats = choose(choose(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])
    return found
