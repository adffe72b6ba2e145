"""Statistics that set photographs apart from drawings: tones, saturation, and what is left of brightness once contrast is evened out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import Flags

PEAKS = 5

_LEVELS = np.arange(256, dtype=float)


class Natural(Measurement):
    """On the working copy, over what is not background (over all of it where nothing else is there).

    MSCN: mean-subtracted, contrast-normalised brightness, whose distribution is much the same for all photographs of nature (Ruderman
    1994; Mittal, Moorthy, Bovik 2012: BRISQUE).
    """

    name: ClassVar[str] = "natural"
    columns: ClassVar[Mapping[str, Column]] = {
        "tone_peaks": Column("REAL", f"share of the {PEAKS} commonest of 256 levels of brightness, 0–1: fills are peaks"),
        "tone_range": Column("REAL", "share of the 256 levels of brightness that occur, 0–1"),
        "gradient": Column("REAL", "ln(1 + mean difference in brightness between neighbours), 0–5.5"),
        "gradient_coarse": Column("REAL", "the same between neighbours side by side after two further halvings, background and all"),
        "saturation_sd": Column("REAL", "standard deviation of (largest − smallest channel) / largest channel at half the size, 0–0.5"),
        "saturated": Column("REAL", "share of the same pixels with a channel at 255 and another below 200, 0–1: paint from the tube"),
        "smooth": Column("REAL", "share of pixels where Immerkær's (1996) noise mask gives nothing, 0–1"),
        "mscn_kurtosis": Column("REAL", "ln(1 + kurtosis of MSCN), 0 and up"),
        "mscn_diagonal": Column("REAL", "root mean square of the positive products of diagonal neighbours in MSCN, 0 and up"),
        "contrast_variation": Column("REAL", "standard deviation over mean of local contrast, 0 and up"),
        "tone_sd": Column("REAL", "standard deviation of brightness, 0–127.5"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns."""
        subject = decoded.judged
        return {
            **_tones(decoded.gray[subject]),
            **_saturation(decoded.half.reshape(3, -1).take(decoded.half_judged, axis=1)),
            **_gradients(decoded.gray, subject),
            "gradient_coarse": _coarse(decoded.gray),
            **_mscn(decoded.gray, subject),
        }


def _tones(gray: NDArray[np.uint8]) -> dict[str, float]:
    counts = np.bincount(gray, minlength=256)
    mean = float(_LEVELS @ counts) / len(gray)
    return {
        "tone_peaks": int(np.partition(counts, -PEAKS)[-PEAKS:].sum()) / len(gray),
        "tone_range": int(np.count_nonzero(counts)) / 256,
        "tone_sd": math.sqrt(float((_LEVELS - mean) ** 2 @ counts) / len(gray)),
    }


def _saturation(pixels: NDArray[np.uint8]) -> dict[str, float]:
    red, green, blue = pixels
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    strong = (high == 255) & (low < 200)
    values = (high - low) / np.maximum(high, np.uint8(1)).astype(np.float32)
    return {"saturation_sd": _deviation(values), "saturated": int(np.count_nonzero(strong)) / len(high)}


def _gradients(gray: NDArray[np.uint8], subject: Flags) -> dict[str, float]:
    total = pairs = 0
    for one, two, first, second in (
        (gray[:, 1:], gray[:, :-1], subject[:, 1:], subject[:, :-1]),
        (gray[1:], gray[:-1], subject[1:], subject[:-1]),
    ):
        both = first & second
        total += int(((np.maximum(one, two) - np.minimum(one, two)) * both).sum(dtype=np.int64))
        pairs += int(np.count_nonzero(both))
    inner = _inner(subject)
    known = int(np.count_nonzero(inner))
    still = int(np.count_nonzero((_immerkaer(gray.astype(np.int16)) == 0) & inner))
    return {"gradient": math.log1p(total / pairs) if pairs else 0.0, "smooth": still / known if known else 1.0}


def _coarse(gray: NDArray[np.uint8]) -> float:
    """From means of 4 × 4 pixels; what is left over at the right and below is left out."""
    height, width = gray.shape[0] // 4, gray.shape[1] // 4
    if not height or width < 2:
        return 0.0
    rows = gray[: 4 * height, : 4 * width].reshape(height, 4, 4 * width).sum(axis=1, dtype=np.uint16)
    cells = rows.reshape(height, width, 4).sum(axis=2, dtype=np.int16)
    return math.log1p(float(np.abs(cells[:, 1:] - cells[:, :-1]).mean()) / 16)


def _immerkaer(gray: NDArray[np.int16]) -> NDArray[np.int16]:
    """The mask 1 −2 1, −2 4 −2, 1 −2 1: blind to edges along the grid, so that noise is left."""
    across = gray[:, :-2] - 2 * gray[:, 1:-1] + gray[:, 2:]
    found: NDArray[np.int16] = across[:-2] - 2 * across[1:-1] + across[2:]
    return found


def _inner(subject: Flags) -> Flags:
    """Where the pixel and its four neighbours belong to the subject; without the outermost rows and columns."""
    found: Flags = subject[1:-1, 1:-1] & subject[:-2, 1:-1] & subject[2:, 1:-1] & subject[1:-1, :-2] & subject[1:-1, 2:]
    return found


def _mscn(gray: NDArray[np.uint8], subject: Flags) -> dict[str, float]:
    wide = gray.astype(np.int32)
    sums = _around(wide)
    variance = 9 * _around(wide * wide) - sums * sums  # of the 3 × 3 pixels, 81 times
    contrast = np.sqrt(variance.astype(np.float32))
    normal = (9 * wide - sums).astype(np.float32) / (contrast + np.float32(9))
    powers = np.square(normal[subject])
    second = float(powers.mean())
    products = np.maximum(normal[1:, 1:] * normal[:-1, :-1], np.float32(0)) * (subject[1:, 1:] & subject[:-1, :-1])
    positive = int(np.count_nonzero(products))
    local = contrast[subject] / np.float32(9)
    return {
        "mscn_kurtosis": math.log1p(float(np.square(powers).mean()) / (second**2 + 1e-3)),
        "mscn_diagonal": math.sqrt(float(np.square(products).sum()) / positive) if positive else 0.0,
        "contrast_variation": _deviation(local) / (float(local.mean()) + 0.5),
    }


def _around(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sums of 3×3 pixels; the edge is repeated."""
    rows = values.copy()
    rows[1:] += values[:-1]
    rows[0] += values[0]
    rows[:-1] += values[1:]
    rows[-1] += values[-1]
    found = rows.copy()
    found[:, 1:] += rows[:, :-1]
    found[:, 0] += rows[:, 0]
    found[:, :-1] += rows[:, 1:]
    found[:, -1] += rows[:, -1]
    return found


def _deviation(values: NDArray[Any]) -> float:
    """Standard deviation."""
    away = values - values.mean()
    return math.sqrt(float(np.square(away).mean()))


MEASUREMENT = Natural()
