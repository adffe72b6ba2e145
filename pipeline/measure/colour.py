"""How colourful a picture is, and whether its colour is more than one tint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import Column, Decoded, Measurement, luma

PERCENTILE = 99
"""Chroma is judged here: the coloured eyes of a grey robot cover little more than a hundredth of it."""

SPREAD = 99.5
"""The same for what one tint does not explain."""

MOST, SAMPLE = 4096, 800
"""Pixels, evenly taken, that a tint is judged on and that it is fitted to, at most."""

DEGREE = 3
"""Of the polynomials in brightness that a tint's two chroma components are taken for: paper, middle tones and ink may differ."""

ROUNDS = 4
"""Of the robust fit: each time, pixels far off the curve count less."""

LOST = 15.0
"""Median distance from the curve, in units of chroma, beyond which there is more than one colour, and no better curve is sought."""

_POWERS = np.vander(np.arange(256) / 255, DEGREE + 1)
_CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])  # JFIF's Cb and Cr, less 128
_RIDGE = 1e-3 * np.eye(DEGREE + 1)  # one brightness alone fits no curve

Plane = NDArray[np.float64]


class Colour(Measurement):
    """Strength and number of colours on half the working copy, whose colour noise is evened out, and their spread on the whole of it."""

    name: ClassVar[str] = "colour"
    columns: ClassVar[Mapping[str, Column]] = {
        "chroma": Column("REAL", f"{PERCENTILE}th percentile of (largest − smallest channel) over what is not background, 0 (gray) to 255"),
        "tint": Column("REAL", "strength of the one tint that fits it best, 95th percentile, in the units of JPEG's Cb and Cr, 0–180"),
        "colour_spread": Column(
            "REAL",
            f"{SPREAD}th percentile of how far its pixels lie from that tint, same units: near 0 for gray, sepia and tinted paper",
        ),
        "colours": Column("INTEGER", "distinct colours of half the working copy at 5 bits a channel, 1–32768"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns. A picture that is nothing but background is judged whole."""
        red, green, blue = decoded.half.reshape(3, -1).take(decoded.half_judged, axis=1)
        strength = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
        places = np.flatnonzero(decoded.judged)
        pixels = decoded.planes.reshape(3, -1).take(places[:: -(-len(places) // MOST)], axis=1)
        tint, spread = one_tint(pixels)
        return {
            "chroma": percentile(strength, PERCENTILE),
            "tint": tint,
            "colour_spread": spread,
            "colours": _colours(decoded.half),
        }


def one_tint(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """How well one tint explains 3×n pixels (red, green, blue): its strength, and how far the pixels lie from it; see the columns.

    In a toned, aged or tinted gray picture the chroma is a function of the brightness. It is fitted by a robust polynomial (weights
    of Cauchy's distribution), so that the few coloured pixels of a gray drawing do not bend it. Where a thin line meets its ground,
    averaging mixes tints of different brightness, which gives less chroma of the same hue; so what lies between gray and the curve
    counts as explained.
    """
    brightness, chroma = luma(pixels), np.rint(_CHROMA @ pixels).T
    if not chroma.any():
        return 0.0, 0.0
    step = -(-len(chroma) // SAMPLE)
    some, powers = chroma[::step], _POWERS.take(brightness[::step], axis=0)
    weighted = powers
    for _ in range(ROUNDS):
        factors = np.linalg.solve(weighted.T @ powers + _RIDGE, weighted.T @ some)
        off = _length(some - powers @ factors)
        middle = percentile(off, 50)
        if middle > LOST:
            break
        weighted = powers / (1 + (off / max(1.0, 1.5 * middle)) ** 2)[:, None]
    curve = (_POWERS @ factors).take(brightness, axis=0)
    share = np.clip(_dot(chroma, curve) / np.maximum(_dot(curve, curve), 1e-6), 0, 1)
    spread = _length(chroma - share[:, None] * curve)
    return percentile(_length(curve), 95), percentile(spread, SPREAD)


def percentile(values: NDArray[Any], percent: float) -> float:
    """Of n values, between two of them linearly, as by `numpy.percentile`, at a fifth of the cost."""
    place = (len(values) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, high))
    return float(ordered[low]) + (float(ordered[high]) - float(ordered[low])) * (place - low)


def _colours(planes: NDArray[np.uint8]) -> int:
    cells = (planes >> 3).astype(np.uint16)
    return int(np.count_nonzero(np.bincount(((cells[0] << 10) | (cells[1] << 5) | cells[2]).ravel())))


def _dot(one: Plane, two: Plane) -> Plane:
    found: Plane = one[:, 0] * two[:, 0] + one[:, 1] * two[:, 1]
    return found


def _length(vectors: Plane) -> Plane:
    found: Plane = np.sqrt(_dot(vectors, vectors))
    return found


MEASUREMENT = Colour()
