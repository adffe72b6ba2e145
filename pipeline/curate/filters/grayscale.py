"""No colour, or one tint only: line art, scans, grayscale and sepia copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings, judgement

if TYPE_CHECKING:
    import pandas as pd


class GrayscaleSettings(FilterSettings):
    """Keys of `[filter.grayscale]`."""

    chroma: float = Field(11.5, ge=0, le=180, description="least chroma that one tint does not explain, 0-180; noisy scans reach 6")
    tint: float = Field(
        37.0, ge=0, le=180, description="a tint stronger than this is a colour, 0-180; most sepia and brown toning stays below"
    )


class Grayscale(Filter):
    """Score: how far the picture's strongest colours lie from the one tint that fits it best; where that tint is stronger than `tint`,
    its strength if that is more (Cb and Cr, 0–180). Threshold: `chroma`; less is dropped."""

    name: ClassVar[str] = "grayscale"
    Settings: ClassVar[type[BaseModel]] = GrayscaleSettings

    def judge(self, table: pd.DataFrame, settings: GrayscaleSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads tint and colour_spread."""
        import numpy as np

        tint, spread = table["tint"].to_numpy(dtype=float), table["colour_spread"].to_numpy(dtype=float)
        score = np.where(tint > settings.tint, np.maximum(tint, spread), spread)

        def words(row: int) -> str:
            toned = f" besides a tint of {tint[row]:.0f}" if tint[row] >= 3 else ""
            return f"strongest colour{toned} has chroma {score[row]:.0f} of 180, {settings.chroma:g} needed"

        return judgement(table, score < settings.chroma, score, settings.chroma, words)


FILTER = Grayscale()
