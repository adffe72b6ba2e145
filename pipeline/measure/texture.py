"""Fine structure: sharpness, flat areas, grain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.measure.base import Column, Decoded, Measurement

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
        still = gentle = flat = pairs = 0
        for brightness, change in zip(_steps(decoded.gray), _steps(decoded.planes), strict=True):
            still += int(np.count_nonzero(brightness == 0))
            gentle += int(np.count_nonzero(brightness <= GENTLE))
            largest = np.maximum(np.maximum(change[0], change[1]), change[2])
            flat += int(np.count_nonzero(largest <= FLAT))
            pairs += largest.size
        return {
            "sharpness": _variance(_laplacian(decoded.gray)),
            "flat_share": flat / pairs if pairs else 1.0,
            "grain": (gentle - still) / gentle if gentle else 0.0,
        }


def _steps(values: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Absolute differences to the right-hand and to the lower neighbour, of uint8 …×h×w."""
    for one, other in ((values[..., 1:], values[..., :-1]), (values[..., 1:, :], values[..., :-1, :])):
        yield np.maximum(one, other) - np.minimum(one, other)


def _laplacian(gray: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Four times each pixel minus its neighbours; outside is like the edge."""
    sum = gray.astype(np.int16)
    sum *= 4
    sum[1:] -= gray[:-1]
    sum[0] -= gray[0]
    sum[:-1] -= gray[1:]
    sum[-1] -= gray[-1]
    sum[:, 1:] -= gray[:, :-1]
    sum[:, 0] -= gray[:, 0]
    sum[:, :-1] -= gray[:, 1:]
    sum[:, -1] -= gray[:, -1]
    return sum


def _variance(values: NDArray[np.int16]) -> float:
    """The variance, from whole sums: the same on every machine."""
    total = int(values.sum(dtype=np.int64))
    squares = int(np.square(values, dtype=np.int32).sum(dtype=np.int64))
    return (values.size * squares - total * total) / values.size**2


MEASUREMENT = Texture()
