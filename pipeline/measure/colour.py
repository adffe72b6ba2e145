"""How colourful a picture is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PIL import ImageFilter

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.border import largest

PERCENTILE = 99
"""Chroma is judged here: the coloured eyes of a grey robot cover little more than a hundredth of it."""


class Colour(Measurement):
    """Strength and number of colours, on the working copy."""

    name: ClassVar[str] = "colour"
    columns: ClassVar[Mapping[str, Column]] = {
        "chroma": Column(
            "REAL",
            f"{PERCENTILE}th percentile of (largest − smallest channel) over what is not background, after a 3×3 mean that evens out "
            "JPEG's chroma noise; 0 (gray) to 255",
        ),
        "colours": Column("INTEGER", "distinct colours at 5 bits a channel, 1–32768"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns. A picture that is nothing but background is judged whole."""
        smooth = np.asarray(decoded.small_rgb.filter(ImageFilter.BoxBlur(1)))
        strength = largest(smooth) - ~largest(~smooth)  # the smallest channel is the complement of the complements' largest
        subject = ~decoded.background
        cells = (decoded.small >> 3).astype(np.uint16)
        codes = (cells[..., 0] << 10) | (cells[..., 1] << 5) | cells[..., 2]
        return {
            "chroma": float(np.percentile(strength[subject] if subject.any() else strength, PERCENTILE)),
            "colours": int(np.count_nonzero(np.bincount(codes.ravel()))),
        }


MEASUREMENT = Colour()
