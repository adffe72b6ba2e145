"""Too small, or too long and thin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings

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
        import pandas as pd

        sides = table[["width", "height"]].astype(float)
        shorter, longer = sides.min(axis=1), sides.max(axis=1)
        needed = (longer / settings.max_aspect).clip(lower=settings.min_side)
        drop = shorter < needed
        reasons = [
            _reason(int(width), int(height), settings) if dropped else ""
            for width, height, dropped in zip(sides["width"], sides["height"], drop, strict=True)
        ]
        return pd.DataFrame({"drop": drop, "score": shorter, "threshold": needed, "reason": reasons}, index=table.index)


def _reason(width: int, height: int, settings: SizeSettings) -> str:
    shorter, longer = sorted((width, height))
    faults = []
    if shorter < settings.min_side:
        faults.append(f"{settings.min_side} needed on the shorter side")
    if longer > shorter * settings.max_aspect:
        faults.append(f"one side is {longer / shorter:.1f} times the other, {settings.max_aspect:g} allowed")
    return f"{width}×{height} pixels: {' and '.join(faults)}"


FILTER = Size()
