from __future__ import annotations

import pandas as pd

from pipeline.catalog import Catalog


def test_decisions_keep_further_scores_and_are_replaced_as_a_whole(catalog: Catalog) -> None:
    for id in ("i1", "i2"):
        catalog.put_item(id, id, "png", 5, 1.0)
    columns = ["id", "decision", "rule", "score", "threshold", "reason", "size_score"]
    catalog.put_decisions(
        "filter",
        pd.DataFrame([["i2", "drop", "size", 3.0, 64.0, "small", 3.0], ["i1", "keep", "", float("nan"), None, "", 90.0]], columns=columns),
    )
    frame = catalog.decisions("filter")
    assert list(frame["id"]) == ["i1", "i2"]
    assert list(frame["size_score"]) == [90.0, 3.0]
    assert pd.isna(frame["score"][0])
    catalog.put_decisions("filter", frame.iloc[:1])
    assert len(catalog.decisions("filter")) == 1
    assert catalog.decisions("dedup").empty
