from __future__ import annotations

import pandas as pd

from pipeline.curate.filters.grayscale import FILTER, GrayscaleSettings


def judge(*rows: tuple[float, float], **keys: float) -> pd.DataFrame:
    return FILTER.judge(pd.DataFrame(rows, columns=["tint", "colour_spread"]), GrayscaleSettings.model_validate(keys))


def test_little_beside_one_tint_is_dropped() -> None:
    found = judge((0, 0), (24, 4.4), (0, 12), (24, 30))
    assert found["drop"].tolist() == [True, True, False, False]
    assert found["score"].tolist() == [0, 4.4, 12, 30]
    assert found["reason"].tolist() == [
        "strongest colour has chroma 0 of 180, 11.5 needed",
        "strongest colour besides a tint of 24 has chroma 4 of 180, 11.5 needed",
        "",
        "",
    ]


def test_a_strong_tint_is_a_colour() -> None:
    found = judge((90, 3), (33, 3))
    assert found["drop"].tolist() == [False, True]
    assert found["score"].tolist() == [90, 3]
    assert judge((90, 3), tint=100)["drop"].all()


def test_the_threshold_is_the_manifests() -> None:
    assert judge((0, 19), chroma=20)["drop"].all()
