"""A photograph among drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings, judgement

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

BIAS = -4.585
WEIGHTS: dict[str, tuple[float, float, float]] = {
    "flat_share": (0.6157, 0.2281, -1.940),
    "grain": (0.3033, 0.253, 1.224),
    "sharpness": (7.345, 1.065, -0.942),
    "tone_peaks": (0.295, 0.2616, -0.742),
    "tone_range": (0.7761, 0.1873, 1.317),
    "gradient": (2.449, 0.6069, 1.645),
    "gradient_coarse": (2.568, 0.5606, -1.900),
    "saturation_sd": (0.1874, 0.09048, -0.281),
    "saturated": (0.03549, 0.1073, -0.979),
    "smooth": (0.2144, 0.224, -1.209),
    "mscn_kurtosis": (1.441, 0.2215, 1.176),
    "mscn_diagonal": (0.3042, 0.09993, 0.461),
    "contrast_variation": (1.173, 0.4946, -0.140),
    "blur": (0.285, 0.09003, 1.940),
    "tone_sd": (45.66, 15.23, -0.032),
    "colours": (5.668, 0.9112, 0.576),
    "colour_spread": (39.6, 28.39, -1.364),
    "chroma": (4.617, 1.13, -0.076),
    "tint": (46.08, 33.84, -0.727),
}
LOGARITHMS = ("sharpness", "colours", "chroma")
"""Columns that are weighed as ln(1 + value)."""

"""Column: its mean and standard deviation on the pictures that the weights were found on, and its weight. By `bench/filters.py --fit`."""

CLIP = 3.0
"""Standard deviations; a nearly blank picture may be far outside what the weights were found on."""


MARGIN, EDGE, GRAIN = 0.9, 0.3, 0.5
"""A print: `border_flat` at least MARGIN, `subject_flat` less than EDGE, and `grain` at least GRAIN."""


class PhotoSettings(FilterSettings):
    """Keys of `[filter.photo]`."""

    likeness: float = Field(0.36, ge=0, le=1, description="how like a photograph a picture may be, 0-1")


class Photo(Filter):
    """Score: likeness to a photograph, 0–1, by logistic regression on measured columns; 1 for a print, which is a grainy picture without
    a flat edge inside a flat paper margin. Threshold: `likeness`; that much or more is dropped.

    A realistic painting that fills its frame is taken for a photograph more often than not.
    """

    name: ClassVar[str] = "photo"
    Settings: ClassVar[type[BaseModel]] = PhotoSettings

    def judge(self, table: pd.DataFrame, settings: PhotoSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads the columns of `WEIGHTS`, border_flat and subject_flat."""
        import numpy as np

        mean, spread, weight = np.array(list(WEIGHTS.values())).T
        parts = np.clip((columns(table) - mean) / spread, -CLIP, CLIP) * weight
        score = 1 / (1 + np.exp(-(BIAS + parts.sum(axis=1))))
        margin, edge, grain = (table[name].to_numpy(dtype=float) for name in ("border_flat", "subject_flat", "grain"))
        printed = (margin >= MARGIN) & (edge < EDGE) & (grain >= GRAIN)
        score[printed] = 1
        names = list(WEIGHTS)

        def words(row: int) -> str:
            if printed[row]:
                return f"like a print: a flat margin round a picture whose edge is {edge[row]:.0%} flat"
            strongest = sorted(range(len(names)), key=lambda place: -parts[row, place])[:2]
            return (
                f"like a photograph at {score[row]:.2f}, {settings.likeness:g} allowed: most by "
                f"{' and '.join(names[place].replace('_', ' ') for place in strongest)}"
            )

        return judgement(table, score >= settings.likeness, score, settings.likeness, words)


def columns(table: pd.DataFrame) -> NDArray[np.float64]:
    """The n×k values that are weighed, in the order of `WEIGHTS`."""
    import numpy as np

    values = np.array(table[list(WEIGHTS)], dtype=float)
    places = [list(WEIGHTS).index(name) for name in LOGARITHMS]
    values[:, places] = np.log1p(values[:, places])
    return values


FILTER = Photo()
