"""Python values as the tables hold them, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def marks(count: int) -> str:
    """Places for so many values in a statement."""
    return ", ".join("?" * count)


def as_json(value: Any) -> str:
    """The one way to write a value, so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def parsed(column: pd.Series) -> list[Any]:
    """Many short JSON texts, parsed in one go."""
    found: list[Any] = json.loads(f"[{','.join(column.tolist())}]")
    return found


def plain(column: pd.Series) -> list[Any]:
    """A column's values as SQLite and JSON want them: no NumPy scalars, None for NaN."""
    values = column.astype(object).tolist()
    gaps = column.isna().to_numpy()
    if gaps.any():
        values = [None if gap else value for value, gap in zip(values, gaps, strict=True)]
    return [value.item() if hasattr(value, "item") else value for value in values] if column.dtype == object else values
