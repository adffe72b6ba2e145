"""Hints for a curator's eye: blur, lettering, bars. No filter decides by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import NEAR, largest

WINDOW = 256
"""Side in pixels of the part of the picture, at its own size, that is looked at for blur and lettering."""

RADIUS = 4
"""Of the blur that a picture is compared with: a mean of 2 · RADIUS + 1 pixels."""

CELL = 12
"""Lettering is sought in cells of so many pixels."""

STROKE = 50
"""Least jump in brightness (0–255) at the side of a letter's stroke."""

SPANS = 0.6
"""Share of a line of pixels that must change at a bar's inner edge."""

Plane = NDArray[np.float32]


class Hints(Measurement):
    """At the picture's own size (blur, text) and on the working copy (letterbox)."""

    name: ClassVar[str] = "hints"
    columns: ClassVar[Mapping[str, Column]] = {
        "blur": Column(
            "REAL",
            "blur of the middle 256 × 256 pixels, 0 (sharp) to 1 (Crété, Dolmiere, Ladret, Nicolas 2007): how little a further blur takes",
        ),
        "text": Column("REAL", f"share of the same pixels, in cells of {CELL}, that look like a line of lettering, 0–1"),
        "letterbox": Column("REAL", "share of the picture covered by plain bars at two opposite sides, 0–1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns."""
        left, top = max(0, (decoded.size[0] - WINDOW) // 2), max(0, (decoded.size[1] - WINDOW) // 2)
        middle = decoded.rgb.crop((left, top, min(decoded.size[0], left + WINDOW), min(decoded.size[1], top + WINDOW)))
        gray = np.asarray(middle.convert("L")).astype(np.float32)
        return {"blur": blur(gray), "text": text(gray), "letterbox": letterbox(decoded.small)}


def blur(gray: Plane) -> float:
    """The larger of the blurs along rows and columns. A picture without any edge has none."""
    return max(_blur(gray), _blur(gray.T))


def _blur(gray: Plane) -> float:
    if gray.shape[1] < 2 * RADIUS + 2:
        return 0.0
    wide = np.pad(gray, ((0, 0), (RADIUS + 1, RADIUS)), mode="edge")
    before = np.abs(np.diff(gray, axis=1))
    # Neighbours of a running mean differ by what enters less what leaves.
    after = np.abs(wide[:, 2 * RADIUS + 2 :] - wide[:, 1 : -2 * RADIUS - 1])[:, : before.shape[1]] / (2 * RADIUS + 1)
    total = float(before.sum())
    return float(np.minimum(before, after).sum() / total) if total else 0.0


def text(gray: Plane) -> float:
    """A cell is lettering if strokes cross it: several jumps up and down along it. A line: four such cells side by side. Hatching looks
    the same."""
    jumps = np.diff(gray, axis=1)
    height, width = jumps.shape[0] // CELL, jumps.shape[1] // CELL
    if height < 1 or width < 4:
        return 0.0
    cells = jumps[: height * CELL, : width * CELL].reshape(height, CELL, width, CELL)
    up, down = (cells > STROKE).sum(axis=(1, 3)), (cells < -STROKE).sum(axis=(1, 3))
    strokes = (np.minimum(up, down) >= CELL // 2) & (np.maximum(up, down) <= 4 * CELL)
    line = np.zeros_like(strokes)
    run = strokes[:, :-3] & strokes[:, 1:-2] & strokes[:, 2:-1] & strokes[:, 3:]
    for shift in range(4):
        line[:, shift : width - 3 + shift] |= run
    return float(line.mean())


def letterbox(pixels: NDArray[np.uint8]) -> float:
    """Share of h×w×3 pixels in bars above and below, or left and right, whichever is more."""
    return max(_bars(pixels), _bars(pixels.transpose(1, 0, 2)))


def _bars(pixels: NDArray[np.uint8]) -> float:
    """Bars above and below: lines of one colour, the same on both sides, that end along most of a line at once."""
    first, last = _bar(pixels), _bar(pixels[::-1])
    same = np.abs(pixels[0, 0].astype(int) - pixels[-1, 0]).max() <= NEAR
    return (first + last) / len(pixels) if first and last and same else 0.0


def _bar(pixels: NDArray[np.uint8]) -> int:
    """Lines at the upper side that are of the first pixel's colour; 0 where what follows does not span the picture."""
    corner = pixels[0, 0].astype(np.int16)
    if largest(np.abs(pixels[0].astype(np.int16) - corner)).max() > NEAR:
        return 0
    off = largest(np.abs(pixels.astype(np.int16) - corner)) > NEAR
    plain = off.mean(axis=1) <= 0.005
    lines = int(plain.argmin()) if not plain.all() else 0
    inside = off[lines : lines + 3].mean(axis=1) if lines else np.zeros(1)
    return lines if inside.max() >= SPANS else 0


MEASUREMENT = Hints()
