"""Which way the parts of a picture lie, left to right: what `pipeline facing` learns from.

The numbers of the mirrored picture are the same ones in another order (`mirrored`), up to what resampling rounds. So what is
learnt from them can be made to give a mirrored picture the opposite answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import THUMB, Column, Decoded, Measurement

SIDE = THUMB
"""The subject is brought to this many pixels on a side."""

BINS = 8
"""Directions of a gradient, all the way round: light above dark is not dark above light."""

GRIDS = (8, 4)
"""Cells on a side over which gradients are collected."""

LENGTH = sum(grid * grid * BINS for grid in GRIDS) + 3 * GRIDS[0] ** 2
"""Numbers for one picture."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

_STEEPEST = 0.5
"""Mean gradient of a cell in one direction that is kept as 255; of smaller ones the square root is kept."""

_PLACES = np.arange(SIDE) * GRIDS[0] // SIDE
_CELLS = (_PLACES[:, None] * GRIDS[0] + _PLACES) * BINS

Values = NDArray[np.float32]


class Facing(Measurement):
    """Histograms of oriented gradients (Dalal & Triggs 2005, with directions all the way round) and colours of the subject."""

    name: ClassVar[str] = "facing"
    columns: ClassVar[Mapping[str, Column]] = {
        "facing": Column("BLOB", f"gradients on 8 × 8 and 4 × 4 cells and colours on 8 × 8 of the subject in a square, {LENGTH} × uint8"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """The numbers as bytes, in the order of `parts`."""
        pixels, ground = _unit(np.asarray(decoded.portrait)), _unit(np.array(decoded.border.colour))
        sums = _gradients(pixels @ _LUMA)
        found = [_kept(_blocks(sums, GRIDS[0] // grid), grid) for grid in GRIDS]
        step = SIDE // GRIDS[0]
        found.append((_blocks(pixels, step) / np.float32(step * step) - ground) / np.float32(2) + np.float32(0.5))
        return {"facing": b"".join(np.rint(part * 255).astype(np.uint8).tobytes() for part in found)}


def parts(blobs: list[bytes]) -> list[Values]:
    """n rows of the catalog as three arrays n×cells×cells×k: gradients (0–1) on each of `GRIDS`, and colours less the ground's (±1)."""
    rows = np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(len(blobs), LENGTH).astype(np.float32) / np.float32(255)
    first, second = (grid * grid * BINS for grid in GRIDS)
    return [
        rows[:, :first].reshape(-1, GRIDS[0], GRIDS[0], BINS),
        rows[:, first : first + second].reshape(-1, GRIDS[1], GRIDS[1], BINS),
        rows[:, first + second :].reshape(-1, GRIDS[0], GRIDS[0], 3) * np.float32(2) - np.float32(1),
    ]


def mirrored(found: list[Values]) -> list[Values]:
    """The same of the mirrored pictures."""
    turned = (BINS // 2 - np.arange(BINS)) % BINS  # a gradient to the right becomes one to the left
    return [part[:, :, ::-1][..., turned] if part.shape[3] == BINS else part[:, :, ::-1] for part in found]


def _unit(values: NDArray[Any]) -> Values:
    return values.astype(np.float32) / np.float32(255)


def _gradients(plane: Values) -> Values:
    """Sums of the gradients per cell of the finest grid and direction, grid×grid×BINS; a gradient is shared by two directions."""
    across, down = np.empty_like(plane), np.empty_like(plane)
    across[:, 1:-1], across[:, 0], across[:, -1] = plane[:, 2:] - plane[:, :-2], plane[:, 1] - plane[:, 0], plane[:, -1] - plane[:, -2]
    down[1:-1], down[0], down[-1] = plane[2:] - plane[:-2], plane[1] - plane[0], plane[-1] - plane[-2]
    strength = np.sqrt(across * across + down * down)
    direction = np.arctan2(down, across) * np.float32(BINS / (2 * np.pi)) + BINS
    low = direction.astype(np.intp)
    share = strength * (direction - low)
    count = GRIDS[0] * GRIDS[0] * BINS
    total = np.bincount((_CELLS + low % BINS).ravel(), (strength - share).ravel(), count)
    total += np.bincount((_CELLS + (low + 1) % BINS).ravel(), share.ravel(), count)
    return total.astype(np.float32).reshape(GRIDS[0], GRIDS[0], BINS)


def _blocks(values: Values, size: int) -> Values:
    """Sums of h×w×k values over blocks of size × size."""
    if size == 1:
        return values
    rows = np.add.reduceat(values, np.arange(0, len(values), size), axis=0)
    found: Values = np.add.reduceat(rows, np.arange(0, values.shape[1], size), axis=1)
    return found


def _kept(sums: Values, grid: int) -> Values:
    """Square roots of the mean gradients, 0–1."""
    found: Values = np.sqrt(np.minimum(sums / np.float32((SIDE // grid) ** 2 * _STEEPEST), 1))
    return found


MEASUREMENT = Facing()
