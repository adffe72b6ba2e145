"""What a filter is: measurements in, one score per item out, and a line between keep and drop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class FilterSettings(BaseModel):
    """Base of every filter's settings: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Filter(ABC):
    """One reason to drop a picture. Subclasses are stateless; `judge` is pure and works on the whole collection at once."""

    name: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]

    @abstractmethod
    def judge(self, table: pd.DataFrame, settings: Any) -> pd.DataFrame:
        """Judge every row of the measurement table (rows without error only).

        Returns a frame with the same index and the columns `drop` (bool), `score` (float, the filter's own unit),
        `threshold` (float, what the score was held against) and `reason` (why it drops, in words; empty where it does not).
        """


def judgement(
    table: pd.DataFrame, drop: NDArray[np.bool_], score: NDArray[Any], threshold: float | NDArray[Any], words: Callable[[int], str]
) -> pd.DataFrame:
    """What `judge` returns. `words` gives the reason for the row at a place; it is asked for dropped ones only."""
    import numpy as np
    import pandas as pd

    reasons = np.full(len(table), "", dtype=object)
    for row in np.flatnonzero(drop):
        reasons[row] = words(int(row))
    return pd.DataFrame({"drop": drop, "score": score, "threshold": threshold, "reason": reasons}, index=table.index)
