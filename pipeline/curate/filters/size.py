"""Too small, or too long and thin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings, judgement

if TYPE_CHECKING:
    import pandas as pd


class SizeSettings(FilterSettings):
    """Keys of `[filter.size]`."""

    min_side: int = Field(64, ge=1, description="shortest side that is kept, pixels")
    max_aspect: float = Field(4.0, ge=1, description="longest side over shortest side, at most")


class Size(Filter):
    """Score: the shorter side in pixels. Threshold: `min_side`, or more where the longer side asks for more by `max_aspect`."""

    name: ClassVar[str] = "size"
    Settings: ClassVar[type[BaseModel]] = SizeSettings

    def judge(self, table: pd.DataFrame, settings: SizeSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads width and height."""
        import numpy as np

        width, height = table["width"].to_numpy(dtype=float), table["height"].to_numpy(dtype=float)
        shorter, longer = np.minimum(width, height), np.maximum(width, height)
        needed = np.maximum(longer / settings.max_aspect, settings.min_side)
        return judgement(
            table, shorter < needed, shorter, needed, lambda row: _reason(int(width[row]), int(height[row]), settings)
        )  # fmt: skip


def _reason(width: int, height: int, settings: SizeSettings) -> str:
    shorter, longer = sorted((width, height))
    faults = []
    if shorter < settings.min_side:
        faults.append(f"{settings.min_side} needed on the shorter side")
    if longer > shorter * settings.max_aspect:
        faults.append(f"one side is {longer / shorter:.1f} times the other, {settings.max_aspect:g} allowed")
    return f"{width}×{height} pixels: {' and '.join(faults)}"


FILTER = Size()
