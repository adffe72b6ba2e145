"""Something behind the subject, or the wrong colour behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, Field, field_validator

from pipeline.curate.filters.base import Filter, FilterSettings, judgement

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LEAST = 3
"""A colour that fewer pictures have is not learned, unless at least half of them have it."""


class BackgroundSettings(FilterSettings):
    """Keys of `[filter.background]`."""

    expected: str | tuple[str, ...] = Field(
        "learn", description="`learn` (what enough of the collection has), `any` plain colour, or one or a list such as #ffffff"
    )
    share: float = Field(0.05, ge=0, le=1, description="a colour is learned if this share of the plain pictures has it")
    tolerance: int = Field(40, ge=0, le=255, description="how far from an expected colour, in any channel, 0-255")
    uniformity: float = Field(0.5, ge=0, le=1, description="share of the border that must be one colour; the subject may touch the edge")
    transparency: Literal["allow", "learn", "refuse"] = Field(
        "allow", description="pictures without ground: always right, right if enough of the collection is so, or wrong"
    )

    @field_validator("expected")
    @classmethod
    def _known(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        colours = (value,) if isinstance(value, str) else value
        if not colours or (not all(re.fullmatch(r"#[0-9a-fA-F]{6}", one) for one in colours) and value not in ("learn", "any")):
            raise ValueError("give `learn`, `any`, a colour such as #ffffff, or a list of colours")
        return value.lower() if isinstance(value, str) else tuple(one.lower() for one in colours)


class Background(Filter):
    """Score: share of the border that is plain and of an expected colour, 0 where the ground is another. Threshold: `uniformity`.

    Learned colours: the commonest among the plain borders, then the commonest among those that are further than `tolerance` from
    it, and so on, while at least `share` of the plain pictures have the colour. Where none is common enough, any will do.
    """

    name: ClassVar[str] = "background"
    Settings: ClassVar[type[BaseModel]] = BackgroundSettings

    def judge(self, table: pd.DataFrame, settings: BackgroundSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads border_colour, border_uniformity and border_transparent."""
        import numpy as np

        uniform = table["border_uniformity"].to_numpy(dtype=float)
        clear = table["border_transparent"].to_numpy(dtype=float) >= 0.5
        colours = _rgb(table["border_colour"])
        plain = uniform >= settings.uniformity
        grounds = _grounds(colours[plain & ~clear], int(plain.sum()), settings)
        away = np.abs(colours[:, None, :] - grounds[None]).max(axis=2) if len(grounds) else np.zeros((len(table), 1), dtype=int)
        nearest, off = away.argmin(axis=1), away.min(axis=1)
        wrong = np.where(clear, _refused(int((plain & clear).sum()), int(plain.sum()), settings), off > settings.tolerance)
        score = np.where(wrong, 0.0, uniform)
        drop = score < settings.uniformity
        shown = table["border_colour"].to_numpy()

        def words(row: int) -> str:
            faults = []
            if not plain[row]:
                faults.append(f"border is {uniform[row]:.0%} one colour, {settings.uniformity:.0%} needed")
            if wrong[row] and clear[row]:
                faults.append("border is transparent")
            elif wrong[row]:
                wanted = "#{:02x}{:02x}{:02x}".format(*grounds[nearest[row]])
                faults.append(f"border is {shown[row]}, off {wanted} by {off[row]}, {settings.tolerance} allowed")
            return " and ".join(faults)

        return judgement(table, drop, score, settings.uniformity, words)


def _grounds(colours: NDArray[np.int16], plain: int, settings: BackgroundSettings) -> NDArray[np.int16]:
    """The k×3 colours to expect, commonest first; none: any will do. `colours`: of the opaque plain borders, of `plain` in all."""
    import numpy as np

    from pipeline.measure.border import dominant, largest

    if settings.expected == "any":
        return np.empty((0, 3), dtype=np.int16)
    if settings.expected != "learn":
        given = (settings.expected,) if isinstance(settings.expected, str) else settings.expected
        return _rgb(given)
    total = len(colours) if settings.transparency == "allow" else plain
    found: list[NDArray[np.int16]] = []
    while len(colours):
        colour = dominant(colours)
        near = largest(np.abs(colours - colour)) <= settings.tolerance
        if not _common(int(near.sum()), total, settings.share):
            break
        found.append(colour)
        colours = colours[~near]
    return np.array(found, dtype=np.int16).reshape(-1, 3)


def _refused(clear: int, plain: int, settings: BackgroundSettings) -> bool:
    """Whether transparency is wrong; `clear` of `plain` pictures have it."""
    return settings.transparency == "refuse" or (settings.transparency == "learn" and not _common(clear, plain, settings.share))


def _common(count: int, total: int, share: float) -> bool:
    return count > 0 and (2 * count >= total or (count >= LEAST and count >= share * total))


def _rgb(colours: Any) -> NDArray[np.int16]:
    """n×3 of n texts such as #ffffff; there are far fewer colours than pictures."""
    import numpy as np
    import pandas as pd

    codes, texts = pd.factorize(np.asarray(colours, dtype=object))
    values = np.array([[int(text[place : place + 2], 16) for place in (1, 3, 5)] for text in texts], dtype=np.int16).reshape(-1, 3)
    found: NDArray[np.int16] = values[codes]
    return found


FILTER = Background()
