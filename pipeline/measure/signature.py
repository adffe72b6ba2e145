"""Signatures: a picture at 32 × 32, small enough to keep and fine enough to tell whether two pictures are the same.

Hashes only propose pairs: robots that share most parts have the same 64 bits. `difference` takes the second look, cell by
cell, so that one changed part or another colour is seen however alike the rest is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.hashes import square, steady_box

SIDE = 32
"""Cells on a side."""

LIMIT = 13.0
"""`difference` up to which two signatures show the same picture. On 80 robots of 300 pixels: JPEG 30 to 95, sizes from a half to
double and brightness 0.8 to 1.1 reached 13; another head, body or colour began at 22, another mouth at 9 (median 65)."""

TINY, TINY_LIMIT = 160, 16.0
"""The limit where a picture's longest side is below `TINY` pixels: five for a cell, of which compression spoils more."""

_PEAK = 0.42
"""Weight of the three worst single cells against the worst 3 × 3 patch: resampling of thin lines moves single cells."""

_GAIN = 1.25
"""Largest brightness factor that is taken for the same picture made lighter or darker."""

_EFFORT = 30.0
"""What each unit of that factor adds to the difference: a lighter paint looks like a lighter picture, almost."""

_GLARE = 245.0
"""Cells this bright have lost what a brightening did to them (0–255)."""

_DARK = 24.0
"""Cells darker than this (0–255) say little about a brightness factor."""

_ENOUGH = 12
"""Fewer usable values (of 768) than this, and no brightness factor is estimated."""

_FAR = 48.0
"""Difference of 8 × 8 averages (0–255) beyond which pictures are strangers; true copies reached 33."""

_BATCH = 16
"""Pairs at a time: their arrays stay in the processor's cache, which is six times as fast as 512."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

_FINE = 8 * SIDE

Cells = NDArray[np.float32]


class Signature(Measurement):
    """The whole picture and its subject, each averaged to 32 × 32 RGB."""

    name: ClassVar[str] = "signature"
    columns: ClassVar[Mapping[str, Column]] = {
        "signature": Column("BLOB", "the picture on white, stretched to 32 × 32 RGB, uint8, 3,072 bytes"),
        "signature_subject": Column("BLOB", "the subject padded to a square with the border's colour, 32 × 32 RGB, uint8, 3,072 bytes"),
        "subject_share": Column("REAL", "longest side of the subject's box ÷ longest side of the picture, above 0 to 1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """Both signatures as bytes, rows from the top."""
        left, top, right, bottom = box = steady_box(decoded)
        scale = _FINE / 2 / max(right - left, bottom - top)
        # even sizes, so that the subject stands in the middle of its square and its mirror image does too
        size = 2 * max(1, round((right - left) * scale)), 2 * max(1, round((bottom - top) * scale))
        cut = decoded.rgb.resize(size, Image.Resampling.BILINEAR, box=box)
        subject = square(cut, (0, 0, *size), decoded.border.colour)
        return {
            "signature": decoded.rgb.resize((SIDE, SIDE), Image.Resampling.BOX).tobytes(),
            "signature_subject": subject.resize((SIDE, SIDE), Image.Resampling.BOX).tobytes(),
            "subject_share": max(right - left, bottom - top) / max(decoded.size),
        }


def unpack(blobs: list[bytes]) -> NDArray[np.uint8]:
    """Signatures as read from the catalog, as one uint8 array n×32×32×3."""
    return np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(-1, SIDE, SIDE, 3)


def difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much each of n pairs of signatures (uint8 n×32×32×3) differs where it differs most, 0–255; symmetric.

    The darker picture is brightened by one common factor, at most 1.25. A cell then differs by what the other picture's cell
    cannot explain, being shifted by up to half a cell. The result is the larger of the worst mean over 3 × 3 cells
    and 0.42 times the mean of the three worst cells, plus 30 for each unit of that factor above 1. At most `limit` means the same picture.
    """
    result = np.empty(len(first))
    for at in range(0, len(first), _BATCH):
        result[at : at + _BATCH] = _difference(first[at : at + _BATCH], second[at : at + _BATCH])
    return result


def limit(longest: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest `difference` for which n pairs are the same picture; `longest` side in pixels of the smaller of each two."""
    return np.where(longest < TINY, TINY_LIMIT, LIMIT)


def coarse(cells: NDArray[np.uint8]) -> Cells:
    """Signatures (uint8 n×32×32×3) averaged to n×8×8×3, for `far_apart`."""
    found: Cells = cells.reshape(-1, 8, SIDE // 8, 8, SIDE // 8, 3).mean(axis=(2, 4), dtype=np.float32)
    return found


def far_apart(first: Cells, second: Cells) -> NDArray[np.bool_]:
    """Which of n pairs of `coarse` signatures differ too much to be worth a `difference`; a hundredth of its cost."""
    energies = [np.sqrt((side * side).sum(axis=(1, 2, 3)) + 1) for side in (first, second)]
    gain = np.clip(energies[1] / energies[0], 1 / _GAIN, _GAIN)[:, None, None, None]
    one = np.minimum(first * np.maximum(gain, 1), 255)
    two = np.minimum(second / np.minimum(gain, 1), 255)
    far: NDArray[np.bool_] = np.abs(one - two).max(axis=(1, 2, 3)) > _FAR
    return far


def _difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Cells:
    one, two = first.astype(np.float32), second.astype(np.float32)
    gain = _gain(one, two)[:, None, None, None]
    dark, light = np.where(gain < 1, two, one), np.where(gain < 1, one, two)
    factor = np.minimum(np.maximum(gain, 1 / gain), _GAIN)
    bright = np.minimum(dark * factor, 255)
    # beside a highlight, part of the cell was clipped and brightened by less than the factor
    least = np.where(_around(bright, np.maximum) >= _GLARE, np.minimum(dark, bright), bright)
    worst = np.maximum(_unexplained(least, bright, light, light), _unexplained(light, light, least, bright))
    brightness = worst @ _LUMA
    patches = _patches(worst).max(axis=3)
    peak = np.partition(brightness.reshape(len(worst), -1), -3, axis=1)[:, -3:].mean(axis=1)
    result: Cells = np.maximum(patches.reshape(len(worst), -1).max(axis=1), _PEAK * peak) + _EFFORT * (factor.ravel() - 1)
    return result


def _gain(first: Cells, second: Cells) -> Cells:
    """The factor, one per pair, that brings the first to the second: the median over every fourth cell that is away from highlights."""
    highest = np.maximum(_around(first, np.maximum), _around(second, np.maximum))
    usable = ((highest < _GLARE) & (np.minimum(first, second) >= _DARK))[:, ::2, ::2]
    first, second = first[:, ::2, ::2], second[:, ::2, ::2]
    ratios = np.log(np.maximum(second, 1) / np.maximum(first, 1))
    ordered = np.sort(np.where(usable, ratios, np.inf).reshape(len(first), -1), axis=1)
    count = usable.reshape(len(first), -1).sum(axis=1)
    rows = np.arange(len(first))
    middle = ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, count // 2 - (count == ordered.shape[1])]
    gain: Cells = np.exp(np.where(count >= _ENOUGH, middle / 2, 0)).astype(np.float32)
    return gain


def _unexplained(least: Cells, most: Cells, other_least: Cells, other_most: Cells) -> Cells:
    """By how much the interval least…most misses what half a cell's shift makes of the other picture."""
    low = (other_least + _around(other_least, np.minimum)) / 2
    high = (other_most + _around(other_most, np.maximum)) / 2
    missed: Cells = np.maximum(np.maximum(low - most, least - high), 0)
    return missed


def _around(cells: Cells, choose: np.ufunc) -> Cells:
    """The smallest or largest value among each cell and its eight neighbours."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    rows = choose(choose(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    found: Cells = choose(choose(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])
    return found


def _patches(worst: Cells) -> Cells:
    """Mean over each 3 × 3 patch that lies inside."""
    rows = worst[:, :-2] + worst[:, 1:-1] + worst[:, 2:]
    found: Cells = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9
    return found


MEASUREMENT = Signature()
