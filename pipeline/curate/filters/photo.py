"""A photograph among drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings, judgement

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

BIAS = -4.683
WEIGHTS: dict[str, tuple[float, float, float]] = {
    "flat_share": (0.6627, 0.2256, -2.703),
    "grain": (0.295, 0.244, 0.157),
    "sharpness": (6.836, 1.105, -2.016),
    "tone_peaks": (0.2867, 0.2534, -1.749),
    "tone_range": (0.7707, 0.1831, 1.070),
    "gradient": (2.506, 0.5931, 3.156),
    "gradient_coarse": (2.62, 0.5555, -1.444),
    "saturation_sd": (0.1858, 0.08791, -0.978),
    "saturated": (0.04131, 0.1184, -1.500),
    "smooth": (0.19, 0.2138, -2.058),
    "mscn_kurtosis": (1.404, 0.2144, 0.820),
    "mscn_diagonal": (0.3152, 0.1275, -1.776),
    "contrast_variation": (0.9323, 0.4021, 0.700),
}
"""Column: its mean and standard deviation on the pictures that the weights were found on, and its weight. By `bench/filters.py --fit`."""

CLIP = 3.0
"""Standard deviations; a nearly blank picture may be far outside what the weights were found on."""


MARGIN, EDGE, GRAIN = 0.9, 0.3, 0.4
"""A print: `border_flat` at least MARGIN, `subject_flat` less than EDGE, and `grain` at least GRAIN."""


class PhotoSettings(FilterSettings):
    """Keys of `[filter.photo]`."""

    likeness: float = Field(0.35, ge=0, le=1, description="how like a photograph a picture may be, 0-1")


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
    """The n×k values that are weighed, in the order of `WEIGHTS`; sharpness by its logarithm."""
    import numpy as np

    values = np.array(table[list(WEIGHTS)], dtype=float)
    place = list(WEIGHTS).index("sharpness")
    values[:, place] = np.log1p(values[:, place])
    return values


FILTER = Photo()
