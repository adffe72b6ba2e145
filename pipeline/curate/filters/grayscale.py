"""No colour: line art, scans, grayscale copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings

if TYPE_CHECKING:
    import pandas as pd


class GrayscaleSettings(FilterSettings):
    """Keys of `[filter.grayscale]`."""

    chroma: float = Field(12.0, ge=0, le=255, description="least chroma of the subject's strongest colour, 0-255; gray scans reach 10")


class Grayscale(Filter):
    """Score: the measured chroma, 0–255. Threshold: `chroma`; less is dropped."""

    name: ClassVar[str] = "grayscale"
    Settings: ClassVar[type[BaseModel]] = GrayscaleSettings

    def judge(self, table: pd.DataFrame, settings: GrayscaleSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads chroma."""
        import pandas as pd

        score = table["chroma"].astype(float)
        drop = score < settings.chroma
        reasons = [
            f"strongest colour has chroma {chroma:.0f} of 255, {settings.chroma:g} needed" if dropped else ""
            for chroma, dropped in zip(score, drop, strict=True)
        ]
        return pd.DataFrame({"drop": drop, "score": score, "threshold": settings.chroma, "reason": reasons}, index=table.index)


FILTER = Grayscale()
