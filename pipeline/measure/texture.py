"""Fine structure: sharpness, flat areas, grain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import largest

FLAT = 2
"""Largest difference in any channel (0–255) between two neighbours in a flat area."""

GENTLE = 3
"""Largest difference in brightness (0–255) between two neighbours where no edge runs."""


class Texture(Measurement):
    """Differences between neighbouring pixels (left and right, above and below) of the working copy."""

    name: ClassVar[str] = "texture"
    columns: ClassVar[Mapping[str, Column]] = {
        "sharpness": Column("REAL", "variance of the brightness's Laplacian (4-neighbour; Pech-Pacheco et al. 2000), 0 and up"),
        "flat_share": Column("REAL", f"share of neighbouring pixels that differ by at most {FLAT} of 255 in every channel, 0–1"),
        "grain": Column(
            "REAL",
            f"of the neighbouring pixels that differ by at most {GENTLE} of 255 in brightness, the share that differ at all, 0–1: "
            "near 0 for fills, high for photographs, whose smooth areas still shade off",
        ),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns; a single pixel is flat and has no grain."""
        gray = np.asarray(decoded.small_rgb.convert("L")).astype(np.int16)
        brightness = np.concatenate([step.ravel() for step in _steps(gray)])
        change = np.concatenate([largest(step).ravel() for step in _steps(decoded.small.astype(np.int16))])
        gentle = brightness <= GENTLE
        return {
            "sharpness": float(_laplacian(gray).var()),
            "flat_share": float((change <= FLAT).mean()) if len(change) else 1.0,
            "grain": float((brightness[gentle] > 0).mean()) if gentle.any() else 0.0,
        }


def _steps(values: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Differences to the right-hand and to the lower neighbour."""
    return np.abs(values[:, 1:] - values[:, :-1]), np.abs(values[1:] - values[:-1])


def _laplacian(gray: NDArray[np.int16]) -> NDArray[np.int16]:
    wide = np.pad(gray, 1, mode="edge")
    around = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]
    result: NDArray[np.int16] = 4 * gray - around
    return result


MEASUREMENT = Texture()
