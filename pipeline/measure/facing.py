"""Which way the parts of a picture lie, left to right: what `pipeline facing` learns from.

The numbers of the mirrored picture are the same ones in another order (`mirrored`), up to what resampling rounds. So what is
learnt from them can be made to give a mirrored picture the opposite answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.hashes import square, steady_box

SIDE = 64
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

Values = NDArray[np.float32]


class Facing(Measurement):
    """Histograms of oriented gradients (Dalal & Triggs 2005, with directions all the way round) and colours of the subject."""

    name: ClassVar[str] = "facing"
    columns: ClassVar[Mapping[str, Column]] = {
        "facing": Column("BLOB", f"gradients on 8 × 8 and 4 × 4 cells and colours on 8 × 8 of the subject in a square, {LENGTH} × uint8"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """The numbers as bytes, in the order of `parts`."""
        pixels, ground = _subject(decoded)
        found = [_gradients(pixels @ _LUMA, grid) for grid in GRIDS]
        step = SIDE // GRIDS[0]
        found.append((pixels - ground).reshape(GRIDS[0], step, GRIDS[0], step, 3).mean(axis=(1, 3)) / 2 + 0.5)
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


def _subject(decoded: Decoded) -> tuple[Values, Values]:
    """The subject in the middle of a square of the border's colour, SIDE×SIDE×3, and that colour; 0–1."""
    left, top, right, bottom = steady_box(decoded)
    across, down = decoded.small.shape[1] / decoded.size[0], decoded.small.shape[0] / decoded.size[1]
    box = (left * across, top * down, right * across, bottom * down)
    scale = SIDE / 2 / max(box[2] - box[0], box[3] - box[1])
    # even sizes, so that the subject stands in the middle of its square and its mirror image does too
    size = 2 * max(1, round((box[2] - box[0]) * scale)), 2 * max(1, round((box[3] - box[1]) * scale))
    cut = decoded.small_rgb.resize(size, Image.Resampling.BILINEAR, box=box)
    whole = square(cut, (0, 0, *size), decoded.border.colour)
    return _unit(np.asarray(whole)), _unit(np.array(decoded.border.colour))


def _unit(values: NDArray[Any]) -> Values:
    return values.astype(np.float32) / np.float32(255)


def _gradients(plane: Values, grid: int) -> Values:
    """Square roots of the mean gradient per cell and direction, grid×grid×BINS in 0–1; a gradient is shared by two directions."""
    padded = np.pad(plane, 1, mode="edge")
    across, down = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    strength = np.hypot(across, down)
    direction = np.arctan2(down, across) * np.float32(BINS / (2 * np.pi)) + BINS
    low = np.floor(direction)
    share = strength * (direction - low)
    low = low.astype(np.intp)
    places = np.arange(SIDE) * grid // SIDE
    cell = (places[:, None] * grid + places) * BINS
    count = grid * grid * BINS
    total = np.bincount((cell + low % BINS).ravel(), (strength - share).ravel(), count)
    total += np.bincount((cell + (low + 1) % BINS).ravel(), share.ravel(), count)
    found: Values = np.sqrt(np.minimum(total / (SIDE // grid) ** 2 / _STEEPEST, 1)).astype(np.float32).reshape(grid, grid, BINS)
    return found


MEASUREMENT = Facing()
