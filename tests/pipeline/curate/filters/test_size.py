from __future__ import annotations

import pandas as pd

from pipeline.curate.filters.size import FILTER, SizeSettings


def judged(width: int, height: int, **keys: float) -> pd.Series:
    return FILTER.judge(pd.DataFrame({"width": [width], "height": [height]}, index=["i1"]), SizeSettings.model_validate(keys)).loc["i1"]


def test_the_shorter_side_is_the_score() -> None:
    row = judged(63, 200)
    assert (bool(row["drop"]), row["score"], row["threshold"]) == (True, 63, 64)
    assert row["reason"] == "63×200 pixels: 64 needed on the shorter side"


def test_the_threshold_itself_is_kept() -> None:
    row = judged(64, 256)
    assert not row["drop"]
    assert row["reason"] == ""


def test_a_long_strip_needs_a_longer_short_side() -> None:
    row = judged(1000, 100, max_aspect=5)
    assert (bool(row["drop"]), row["score"], row["threshold"]) == (True, 100, 200)
    assert row["reason"] == "1000×100 pixels: one side is 10.0 times the other, 5 allowed"
