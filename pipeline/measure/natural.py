"""Statistics that set photographs apart from drawings: tones, saturation, and what is left of brightness once contrast is evened out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import Flags

HALF = 2
"""The working copy is averaged down by this: structure of a few pixels matters here, a file's own noise depends on how it was saved."""

PEAKS = 5

Plane = NDArray[np.float32]


class Natural(Measurement):
    """On half the working copy, over what is not background (over all of it where nothing else is there).

    MSCN: mean-subtracted, contrast-normalised brightness, whose distribution is much the same for all photographs of nature (Ruderman
    1994; Mittal, Moorthy, Bovik 2012: BRISQUE).
    """

    name: ClassVar[str] = "natural"
    columns: ClassVar[Mapping[str, Column]] = {
        "tone_peaks": Column("REAL", f"share of the {PEAKS} commonest of 256 levels of brightness, 0–1: fills are peaks"),
        "tone_range": Column("REAL", "share of the 256 levels of brightness that occur, 0–1"),
        "gradient": Column("REAL", "ln(1 + mean difference in brightness between neighbours), 0–5.5"),
        "gradient_coarse": Column("REAL", "the same between neighbours side by side after two further halvings, background and all"),
        "saturation_sd": Column("REAL", "standard deviation of (largest − smallest channel) / largest channel, 0–0.5"),
        "saturated": Column("REAL", "share of pixels with a channel at 255 and another below 200, 0–1: paint from the tube"),
        "smooth": Column("REAL", "share of pixels where Immerkær's (1996) noise mask gives less than 1 of 255, 0–1"),
        "mscn_kurtosis": Column("REAL", "ln(1 + kurtosis of MSCN), 0 and up"),
        "mscn_diagonal": Column("REAL", "root mean square of the positive products of diagonal neighbours in MSCN, 0 and up"),
        "contrast_variation": Column("REAL", "standard deviation over mean of local contrast, 0 and up"),
        "tone_sd": Column("REAL", "standard deviation of brightness, 0–127.5"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns."""
        size = (max(8, decoded.small_rgb.width // HALF), max(8, decoded.small_rgb.height // HALF))
        reduced = decoded.small_rgb.resize(size, Image.Resampling.BOX)
        subject = np.asarray(Image.fromarray(~decoded.background).convert("L").resize(size, Image.Resampling.BOX)) > 127
        if not subject.any():
            subject = ~subject
        gray = np.asarray(reduced.convert("L")).astype(np.float32)
        return {
            **_tones(gray, subject),
            **_saturation(np.asarray(reduced)[subject]),
            **_gradients(gray, subject),
            **_mscn(gray, subject),
        }


def _tones(gray: Plane, subject: Flags) -> dict[str, float]:
    levels = np.bincount(gray[subject].astype(np.uint8), minlength=256) / subject.sum()
    return {
        "tone_peaks": float(np.sort(levels)[-PEAKS:].sum()),
        "tone_range": float((levels > 0).mean()),
        "tone_sd": float(gray[subject].std()),
    }


def _saturation(pixels: NDArray[np.uint8]) -> dict[str, float]:
    high, low = pixels.max(axis=1).astype(np.float32), pixels.min(axis=1).astype(np.float32)
    return {
        "saturation_sd": float(((high - low) / np.maximum(high, 1)).std()),
        "saturated": float(((high == 255) & (low < 200)).mean()),
    }


def _gradients(gray: Plane, subject: Flags) -> dict[str, float]:
    across = np.abs(np.diff(gray, axis=1))[subject[:, 1:] & subject[:, :-1]]
    down = np.abs(np.diff(gray, axis=0))[subject[1:] & subject[:-1]]
    steps = np.concatenate([across, down])
    height, width = gray.shape[0] // 4 * 4, gray.shape[1] // 4 * 4
    coarse = gray[:height, :width].reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3))
    noise = np.abs(_immerkaer(gray)[_inner(subject)])
    return {
        "gradient": math.log1p(float(steps.mean())) if len(steps) else 0.0,
        "gradient_coarse": math.log1p(float(np.abs(np.diff(coarse, axis=1)).mean())) if coarse.shape[1] > 1 else 0.0,
        "smooth": float((noise < 1).mean()) if len(noise) else 1.0,
    }


def _immerkaer(gray: Plane) -> Plane:
    """The mask 1 −2 1, −2 4 −2, 1 −2 1: blind to edges along the grid, so that noise is left."""
    across = gray[:, :-2] - 2 * gray[:, 1:-1] + gray[:, 2:]
    found: Plane = across[:-2] - 2 * across[1:-1] + across[2:]
    return found


def _inner(subject: Flags) -> Flags:
    """Where the pixel and its four neighbours belong to the subject; without the outermost rows and columns."""
    found: Flags = subject[1:-1, 1:-1] & subject[:-2, 1:-1] & subject[2:, 1:-1] & subject[1:-1, :-2] & subject[1:-1, 2:]
    return found


def _mscn(gray: Plane, subject: Flags) -> dict[str, float]:
    mean = _mean(_mean(gray))
    contrast = np.sqrt(np.maximum(_mean(_mean(gray * gray)) - mean * mean, 0))
    normal = (gray - mean) / (contrast + 1)
    values, local = normal[subject], contrast[subject]
    second = float((values**2).mean())
    products = (normal[1:, 1:] * normal[:-1, :-1])[subject[1:, 1:] & subject[:-1, :-1]]
    positive = products[products > 0]
    return {
        "mscn_kurtosis": math.log1p(float((values**4).mean()) / (second**2 + 1e-3)),
        "mscn_diagonal": math.sqrt(float((positive**2).mean())) if len(positive) else 0.0,
        "contrast_variation": float(local.std() / (local.mean() + 0.5)),
    }


def _mean(values: Plane) -> Plane:
    """Mean of 3×3 pixels; the edge is repeated."""
    wide = np.pad(values, 1, mode="edge")
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    found: Plane = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    return found


MEASUREMENT = Natural()
