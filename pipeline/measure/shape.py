"""What the file holds: size, shape, format, transparency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from pipeline.measure.base import Column, Decoded, Measurement


class Shape(Measurement):
    """Facts of the file, at full size, and of the decoded picture."""

    name: ClassVar[str] = "shape"
    columns: ClassVar[Mapping[str, Column]] = {
        "width": Column("INTEGER", "pixels, after the EXIF orientation is applied"),
        "height": Column("INTEGER", "pixels, after the EXIF orientation is applied"),
        "aspect": Column("REAL", "width / height"),
        "format": Column("TEXT", "file format, by Pillow's name: JPEG, PNG, …"),
        "mode": Column("TEXT", "pixel mode as stored in the file, by Pillow's name: RGB, L, P, CMYK, …"),
        "frames": Column("INTEGER", "pictures in the file (animation, pages); only the first is measured"),
        "transparent": Column("REAL", "share of the working copy's pixels that are less than half opaque, 0–1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns."""
        width, height = decoded.size
        clear = decoded.small_clear
        return {
            "width": width,
            "height": height,
            "aspect": width / height,
            "format": decoded.format,
            "mode": decoded.mode,
            "frames": decoded.frames,
            "transparent": int(np.count_nonzero(clear)) / clear.size,
        }


MEASUREMENT = Shape()
