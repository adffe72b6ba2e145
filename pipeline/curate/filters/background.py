"""Something behind the subject, or the wrong colour behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, Field, field_validator

from pipeline.curate.filters.base import Filter, FilterSettings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class BackgroundSettings(FilterSettings):
    """Keys of `[filter.background]`."""

    expected: str = Field("learn", description="`learn` (what most of the collection has), `any` plain colour, or one such as #ffffff")
    tolerance: int = Field(40, ge=0, le=255, description="how far from the expected colour, in any channel, 0-255")
    uniformity: float = Field(0.55, ge=0, le=1, description="share of the border that must be one colour; the subject may touch the edge")

    @field_validator("expected")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ("learn", "any") and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError("give `learn`, `any` or a colour such as #ffffff")
        return value.lower()


class Background(Filter):
    """Score: share of the border that is plain and of the expected colour, 0 where the colour is another. Threshold: `uniformity`.

    Transparency counts as plain and as the expected colour.
    """

    name: ClassVar[str] = "background"
    Settings: ClassVar[type[BaseModel]] = BackgroundSettings

    def judge(self, table: pd.DataFrame, settings: BackgroundSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads border_colour, border_uniformity and border_transparent."""
        import numpy as np
        import pandas as pd

        uniform = table["border_uniformity"].to_numpy(dtype=float)
        clear = table["border_transparent"].to_numpy(dtype=float) >= 0.5
        colours = _rgb(table["border_colour"])
        expected = _expected(colours[(uniform >= settings.uniformity) & ~clear], settings)
        off = np.zeros(len(table), dtype=int)
        if expected is not None:
            off = np.where(clear, 0, np.abs(colours - expected).max(axis=1))
        wrong = off > settings.tolerance
        score = np.where(wrong, 0.0, uniform)
        drop = score < settings.uniformity
        reasons = []
        for row in range(len(table)):
            faults = []
            if uniform[row] < settings.uniformity:
                faults.append(f"border is {uniform[row]:.0%} one colour, {settings.uniformity:.0%} needed")
            if wrong[row] and expected is not None:
                wanted = "#{:02x}{:02x}{:02x}".format(*expected)
                faults.append(f"border is {table['border_colour'].iloc[row]}, off {wanted} by {off[row]}, {settings.tolerance} allowed")
            reasons.append(" and ".join(faults) if drop[row] else "")
        return pd.DataFrame({"drop": drop, "score": score, "threshold": settings.uniformity, "reason": reasons}, index=table.index)


def _expected(uniform: NDArray[np.int16], settings: BackgroundSettings) -> NDArray[np.int16] | None:
    """The colour to expect. Learned: the commonest among the n×3 plain borders, if at least half of them agree with it."""
    import numpy as np

    if settings.expected == "any":
        return None
    if settings.expected != "learn":
        return np.array([int(settings.expected[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.int16)
    if not len(uniform):
        return None
    from pipeline.measure.border import dominant

    colour = dominant(uniform)
    agreeing = float((np.abs(uniform - colour).max(axis=1) <= settings.tolerance).mean())
    return colour if agreeing >= 0.5 else None


def _rgb(colours: Any) -> NDArray[np.int16]:
    import numpy as np

    return np.array([[int(text[place : place + 2], 16) for place in (1, 3, 5)] for text in colours], dtype=np.int16).reshape(-1, 3)


FILTER = Background()
