"""A photograph among drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings

if TYPE_CHECKING:
    import pandas as pd


class PhotoSettings(FilterSettings):
    """Keys of `[filter.photo]`."""

    likeness: float = Field(0.3, ge=0, le=1, description="how like a photograph a picture may be, 0-1")


class Photo(Filter):
    """Score: `grain × (1 − subject_flat)`, 0–1. Threshold: `likeness`; that much or more is dropped.

    A photograph has grain (its smooth areas still shade off) and fills its frame, be there a paper margin round it or not; a
    drawing on a plain ground leaves flat ground at the edges of its box, however finely it is shaded. A painted scene without a
    single plain edge can pass for a photograph.
    """

    name: ClassVar[str] = "photo"
    Settings: ClassVar[type[BaseModel]] = PhotoSettings

    def judge(self, table: pd.DataFrame, settings: PhotoSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads grain and subject_flat."""
        import pandas as pd

        grain, flat = table["grain"].astype(float), table["subject_flat"].astype(float)
        score = grain * (1 - flat)
        drop = score >= settings.likeness
        reasons = [
            f"like a photograph at {likeness:.2f}, {settings.likeness:g} allowed: {grains:.0%} of its smooth areas shade off, "
            f"{plain:.0%} of the edge is flat"
            if dropped
            else ""
            for likeness, grains, plain, dropped in zip(score, grain, flat, drop, strict=True)
        ]
        return pd.DataFrame({"drop": drop, "score": score, "threshold": settings.likeness, "reason": reasons}, index=table.index)


FILTER = Photo()
