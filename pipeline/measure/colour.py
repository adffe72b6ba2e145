"""How colourful a picture is, and whether its colour is more than one tint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFilter

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import largest

PERCENTILE = 99
"""Chroma is judged here: the coloured eyes of a grey robot cover little more than a hundredth of it."""

SAMPLE = 2500
"""Pixels, evenly taken, that the tint is fitted to and judged on."""

DEGREE = 3
"""Of the polynomials in brightness that a tint's two chroma components are taken for: paper, middle tones and ink may differ."""

ROUNDS = 4
"""Of the robust fit: each time, pixels far off the curve count less."""

Plane = NDArray[np.float64]


class Colour(Measurement):
    """Strength and number of colours, on the working copy."""

    name: ClassVar[str] = "colour"
    columns: ClassVar[Mapping[str, Column]] = {
        "chroma": Column(
            "REAL",
            f"{PERCENTILE}th percentile of (largest − smallest channel) over what is not background, after a 3×3 mean that evens out "
            "JPEG's chroma noise; 0 (gray) to 255",
        ),
        "tint": Column(
            "REAL", "strength of the one tint that fits the same pixels best, 95th percentile, in the units of JPEG's Cb and Cr, 0–180"
        ),
        "colour_spread": Column(
            "REAL",
            f"{PERCENTILE}th percentile of how far the same pixels lie from that tint, same units: near 0 for gray, sepia and tinted paper",
        ),
        "colours": Column("INTEGER", "distinct colours at 5 bits a channel, 1–32768"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns. A picture that is nothing but background is judged whole."""
        smoothed = decoded.small_rgb.filter(ImageFilter.BoxBlur(1))
        smooth = np.asarray(smoothed)
        strength = largest(smooth) - ~largest(~smooth)  # the smallest channel is the complement of the complements' largest
        subject = ~decoded.background
        if not subject.any():
            subject = ~subject
        cells = (decoded.small >> 3).astype(np.uint16)
        codes = (cells[..., 0] << 10) | (cells[..., 1] << 5) | cells[..., 2]
        pixels = np.asarray(smoothed.convert("YCbCr"))[subject]
        tint, spread = one_tint(pixels[:: max(1, len(pixels) // SAMPLE)])
        return {
            "chroma": float(np.percentile(strength[subject], PERCENTILE)),
            "tint": tint,
            "colour_spread": spread,
            "colours": int(np.count_nonzero(np.bincount(codes.ravel()))),
        }


def one_tint(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """How well one tint explains n×3 pixels (Y, Cb, Cr): its strength, and how far the pixels lie from it; see the columns.

    In a toned, aged or tinted gray picture the chroma is a function of the brightness. It is fitted by a robust polynomial (weights
    of Cauchy's distribution), so that the few coloured pixels of a gray drawing do not bend it. Where a thin line meets its ground,
    averaging mixes tints of different brightness, which gives less chroma of the same hue; so what lies between gray and the curve
    counts as explained.
    """
    brightness, chroma = pixels[:, 0] / 255, pixels[:, 1:].astype(float) - 128
    if not chroma.any():
        return 0.0, 0.0
    powers = np.vander(brightness, DEGREE + 1)
    weights = np.ones(len(pixels))
    for _ in range(ROUNDS):
        weighted = powers * weights[:, None]
        curve = powers @ np.linalg.solve(weighted.T @ powers + 1e-3 * np.eye(DEGREE + 1), weighted.T @ chroma)
        off = _length(chroma - curve)
        weights = 1 / (1 + (off / max(1.0, 1.5 * float(np.median(off)))) ** 2)
    share = np.clip((chroma * curve).sum(axis=1) / np.maximum((curve * curve).sum(axis=1), 1e-6), 0, 1)
    spread = _length(chroma - share[:, None] * curve)
    return float(np.percentile(_length(curve), 95)), float(np.percentile(spread, PERCENTILE))


def _length(vectors: Plane) -> Plane:
    found: Plane = np.hypot(vectors[:, 0], vectors[:, 1])
    return found


MEASUREMENT = Colour()
