"""A photograph among drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from pipeline.curate.filters.base import Filter, FilterSettings, judgement

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

BIAS = -2.0
WEIGHTS: dict[str, tuple[float, float, float]] = {
    "flat_share": (0.5, 0.2, -1.0),
    "grain": (0.5, 0.2, 1.0),
    "subject_flat": (0.5, 0.2, -1.0),
    "sharpness": (0.5, 0.2, -1.0),
    "tone_peaks": (0.5, 0.2, -1.0),
    "tone_range": (0.5, 0.2, 1.0),
    "gradient": (0.5, 0.2, 1.0),
    "gradient_coarse": (0.5, 0.2, -1.0),
    "saturation_sd": (0.5, 0.2, -1.0),
    "saturated": (0.5, 0.2, -1.0),
    "smooth": (0.5, 0.2, -1.0),
    "mscn_kurtosis": (0.5, 0.2, 1.0),
    "mscn_diagonal": (0.5, 0.2, -1.0),
    "mscn_shape": (0.5, 0.2, 1.0),
    "contrast_variation": (0.5, 0.2, 1.0),
    "tone_sd": (0.5, 0.2, 1.0),
}
"""Column: its mean and standard deviation on the pictures that the weights were found on, and its weight. By `bench/filters.py --fit`."""

CLIP = 3.0
"""Standard deviations; a nearly blank picture may be far outside what the weights were found on."""


class PhotoSettings(FilterSettings):
    """Keys of `[filter.photo]`."""

    likeness: float = Field(0.5, ge=0, le=1, description="how like a photograph a picture may be, 0-1")


class Photo(Filter):
    """Score: likeness to a photograph, 0–1, by logistic regression on measured columns. Threshold: `likeness`; that much or more is
    dropped."""

    name: ClassVar[str] = "photo"
    Settings: ClassVar[type[BaseModel]] = PhotoSettings

    def judge(self, table: pd.DataFrame, settings: PhotoSettings) -> pd.DataFrame:
        """See `Filter.judge`; reads the columns of `WEIGHTS`."""
        import numpy as np

        mean, spread, weight = np.array(list(WEIGHTS.values())).T
        parts = np.clip((columns(table) - mean) / spread, -CLIP, CLIP) * weight
        score = 1 / (1 + np.exp(-(BIAS + parts.sum(axis=1))))
        names = list(WEIGHTS)

        def words(row: int) -> str:
            strongest = sorted(range(len(names)), key=lambda place: -parts[row, place])[:2]
            return (
                f"like a photograph at {score[row]:.2f}, {settings.likeness:g} allowed: most by "
                f"{' and '.join(names[place].replace('_', ' ') for place in strongest)}"
            )

        return judgement(table, score >= settings.likeness, score, settings.likeness, words)


def columns(table: pd.DataFrame) -> NDArray[np.float64]:
    """The n×k values that are weighed, in the order of `WEIGHTS`; sharpness by its logarithm."""
    import numpy as np

    values = table[list(WEIGHTS)].to_numpy(dtype=float)
    place = list(WEIGHTS).index("sharpness")
    values[:, place] = np.log1p(values[:, place])
    return values


FILTER = Photo()
