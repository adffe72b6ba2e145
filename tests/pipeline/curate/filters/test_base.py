from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from pipeline.curate.filters.base import FilterSettings, judgement


class Mine(FilterSettings):
    least: float = 1.0


def test_reasons_are_asked_for_what_drops_only() -> None:
    asked: list[int] = []

    def words(row: int) -> str:
        asked.append(row)
        return f"row {row}"

    table = pd.DataFrame({"width": [1, 2, 3]}, index=["a", "b", "c"])
    found = judgement(table, np.array([True, False, True]), np.array([1, 2, 3]), np.array([1.5, 1.5, 9.0]), words)
    assert asked == [0, 2]
    assert list(found.index) == ["a", "b", "c"]
    assert found.to_dict("list") == {
        "drop": [True, False, True],
        "score": [1, 2, 3],
        "threshold": [1.5, 1.5, 9.0],
        "reason": ["row 0", "", "row 2"],
    }


def test_no_rows_give_no_rows() -> None:
    found = judgement(pd.DataFrame({"width": []}), np.zeros(0, bool), np.zeros(0), 1.0, str)
    assert list(found.columns) == ["drop", "score", "threshold", "reason"]
    assert found.empty


@pytest.mark.parametrize("wrong", [{"lest": 2}, {"least": float("nan")}, {"least": float("inf")}, {"least": "much"}])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Mine.model_validate(wrong)
