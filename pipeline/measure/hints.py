"""Hints for a curator's eye: blur, lettering, bars. No filter decides by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import NEAR, distance

RADIUS = 4
"""Of the blur that a picture is compared with: a mean of 2 · RADIUS + 1 pixels."""

CELL = 12
"""Lettering is sought in cells of so many pixels."""

STROKE = 50
"""Least jump in brightness (0–255) at the side of a letter's stroke."""

SPANS = 0.6
"""Share of a line of pixels that must change at a bar's inner edge."""

Gray = NDArray[np.uint8]


class Hints(Measurement):
    """On the decoded copy (blur, text) and on the working copy (letterbox)."""

    name: ClassVar[str] = "hints"
    columns: ClassVar[Mapping[str, Column]] = {
        "blur": Column(
            "REAL",
            "blur of the picture at up to 256 × 256 pixels, 0 (sharp) to 1 (Crété, Dolmiere, Ladret, Nicolas 2007): how little a further "
            "blur takes",
        ),
        "text": Column("REAL", f"share of the same copy, in cells of {CELL} pixels, that looks like a line of lettering, 0–1"),
        "letterbox": Column("REAL", "share of the picture covered by plain bars at two opposite sides, 0–1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns."""
        gray = np.asarray(decoded.fine.convert("L"))
        return {"blur": blur(gray), "text": text(gray), "letterbox": letterbox(decoded.small)}


def blur(gray: Gray) -> float:
    """The larger of the blurs along rows and columns, of which every other one is looked at. A picture without any edge has none."""
    return max(_blur(gray[::2]), _blur(np.ascontiguousarray(gray[:, ::2].T)))


def _blur(gray: Gray) -> float:
    """How much of the steps along rows a mean of `size` pixels leaves, where so many lie on the picture."""
    size = 2 * RADIUS + 1
    if gray.shape[1] <= size:
        return 0.0
    before = _apart(gray[:, RADIUS + 1 : -RADIUS], gray[:, RADIUS : -RADIUS - 1])
    # neighbours of a running mean differ by what enters less what leaves
    after = _apart(gray[:, size:], gray[:, :-size])
    total = size * int(before.sum(dtype=np.int64))
    return int(np.minimum(before * np.uint16(size), after).sum(dtype=np.int64)) / total if total else 0.0


def _apart(one: Gray, two: Gray) -> Gray:
    return np.maximum(one, two) - np.minimum(one, two)


def text(gray: Gray) -> float:
    """A cell is lettering if strokes cross it: several jumps up and down along it. A line: four such cells side by side. Hatching looks
    the same."""
    height, width = gray.shape[0] // CELL, (gray.shape[1] - 1) // CELL
    if height < 1 or width < 4:
        return 0.0
    one, two = gray[: height * CELL, 1 : width * CELL + 1], gray[: height * CELL, : width * CELL]
    jumps = _apart(one, two) > STROKE
    up = jumps & (one > two)
    if np.count_nonzero(up) < 4 * (CELL // 2):
        return 0.0
    rising, falling = _counts(up), _counts(jumps & ~up)
    strokes = (np.minimum(rising, falling) >= CELL // 2) & (np.maximum(rising, falling) <= 4 * CELL)
    line = np.zeros_like(strokes)
    run = strokes[:, :-3] & strokes[:, 1:-2] & strokes[:, 2:-1] & strokes[:, 3:]
    for shift in range(4):
        line[:, shift : width - 3 + shift] |= run
    return int(np.count_nonzero(line)) / line.size


def _counts(flags: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """How many flags are set in each cell of `CELL` × `CELL`."""
    height, width = flags.shape[0] // CELL, flags.shape[1] // CELL
    rows = flags.view(np.uint8).reshape(height, CELL, width * CELL).sum(axis=1, dtype=np.uint8)
    found: NDArray[np.uint16] = rows.reshape(height, width, CELL).sum(axis=2, dtype=np.uint16)
    return found


def letterbox(pixels: NDArray[np.uint8]) -> float:
    """Share of h×w×3 pixels in bars above and below, or left and right, whichever is more."""
    off = distance(pixels, tuple(pixels[0, 0].tolist())) > NEAR
    if off[-1, -1]:
        return 0.0
    return max(_bars(off), _bars(off.T))


def _bars(off: NDArray[np.bool_]) -> float:
    """Bars above and below: lines of one colour, the same on both sides, that end along most of a line at once."""
    first = _bar(off)
    last = _bar(off[::-1]) if first else 0
    return (first + last) / len(off) if first and last else 0.0


def _bar(off: NDArray[np.bool_]) -> int:
    """Lines at the upper side that are of one colour; 0 where what follows does not span the picture."""
    counts = np.count_nonzero(off, axis=1) / off.shape[1]
    plain = counts <= 0.005
    lines = int(plain.argmin()) if not plain.all() else 0
    return lines if lines and counts[lines : lines + 3].max() >= SPANS else 0


MEASUREMENT = Hints()
