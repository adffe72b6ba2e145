from __future__ import annotations

import pandas as pd

from pipeline.curate.filters.grayscale import FILTER, GrayscaleSettings


def test_little_chroma_is_dropped() -> None:
    found = FILTER.judge(pd.DataFrame({"chroma": [0.0, 10.4, 12.0, 19.0, 200.0]}), GrayscaleSettings())
    assert found["drop"].tolist() == [True, True, False, False, False]
    assert found["score"].tolist() == [0.0, 10.4, 12.0, 19.0, 200.0]
    assert found["reason"].tolist()[1:3] == ["strongest colour has chroma 10 of 255, 12 needed", ""]


def test_the_threshold_is_the_manifests() -> None:
    assert FILTER.judge(pd.DataFrame({"chroma": [19.0]}), GrayscaleSettings(chroma=20))["drop"].all()
