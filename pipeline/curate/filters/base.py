"""What a filter is: measurements in, one score per item out, and a line between keep and drop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import pandas as pd


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
