"""The background, as its border shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from pipeline.measure.base import Column, Decoded, Measurement


class Background(Measurement):
    """Colour and evenness of the outermost ring of the working copy (2% of the shorter side)."""

    name: ClassVar[str] = "background"
    columns: ClassVar[Mapping[str, Column]] = {
        "border_colour": Column("TEXT", "dominant colour of the ring as #rrggbb, transparency laid on white"),
        "border_uniformity": Column("REAL", "share of the ring within 20 of 255 of that colour in every channel, or transparent, 0–1"),
        "border_flat": Column("REAL", "share of the ring within 2 of 255 of that colour in every channel, or transparent, 0–1"),
        "border_transparent": Column("REAL", "share of the ring that is transparent (less than half opaque), 0–1"),
        "subject_flat": Column(
            "REAL", "the same as border_flat for the ring of the subject's box: a photograph keeps its edges in a margin"
        ),
        "background": Column("REAL", "share of the whole picture that has the border's colour (within 20) or is transparent, 0–1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All columns."""
        found = decoded.border
        return {
            "border_colour": "#{:02x}{:02x}{:02x}".format(*found.colour),
            "border_uniformity": found.uniformity,
            "border_flat": found.flat,
            "border_transparent": found.clear,
            "subject_flat": decoded.subject_border.flat,
            "background": int(np.count_nonzero(decoded.background)) / decoded.background.size,
        }


MEASUREMENT = Background()
