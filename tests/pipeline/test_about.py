"""What the cards tell of a dataset: days, and what was dropped by which rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.about import about
from pipeline.dataset import Dataset

DAY = 86_400.0


def decisions(**rules: str) -> pd.DataFrame:
    rows = [[id, "drop" if rule else "keep", rule, None, None, ""] for id, rule in rules.items()]
    return pd.DataFrame(rows, columns=["id", "decision", "rule", "score", "threshold", "reason"])


def test_days_are_those_of_the_pictures_asked_for_and_every_drop_has_its_rule(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    for number, id in enumerate(["i0", "i1", "i2", "i3", "i4"]):
        dataset.catalog.put_item(id, f"sha {id}", "png", 1, number * DAY)
    dataset.catalog.put_decisions("classify", decisions(i0="field", i1="", i2="", i3="", i4=""))
    dataset.catalog.put_decisions("filter", decisions(i0="size", i1="size", i2="", i3="", i4=""))
    dataset.catalog.put_decisions("dedup", decisions(i0="", i1="", i2="", i3="duplicate", i4=""))
    dataset.review_path.write_text("id,aspect,value\ni4,keep,drop\n")
    found = about(dataset, ["i3", "i1"])
    assert found.dates == ("1970-01-02", "1970-01-04")
    assert found.items == 5
    assert found.dropped == {("classify", "field"): 1, ("dedup", "duplicate"): 1, ("filter", "size"): 1, ("verdict", "verdict"): 1}
    assert about(dataset, []).dates == ("", "")
    dataset.close()
