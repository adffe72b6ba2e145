from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.catalog import Catalog
from pipeline.curate import final

BASE = ["id", "decision", "rule", "score", "threshold", "reason"]


def stage(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Rows of id, decision, rule."""
    return pd.DataFrame([[id, word, rule, 1.5, 2.0, f"because {rule}"] for id, word, rule in rows], columns=BASE)


NONE = stage()
CLASSIFY = stage(("i1", "keep", "field"), ("i2", "drop", "field"), ("i3", "drop", "text"), ("i4", "keep", "field"))
FILTER = stage(("i1", "keep", ""), ("i2", "drop", "size"), ("i4", "drop", "photo"))
DEDUP = stage(("i1", "drop", "duplicate"), ("i2", "keep", ""), ("i4", "drop", "duplicate"), ("i5", "keep", ""))


def test_the_first_stage_that_drops_is_named() -> None:
    frame = final.decide(CLASSIFY, FILTER, DEDUP, {})
    assert list(frame.columns) == ["id", "decision", "stage", "rule", "score", "threshold", "reason"]
    assert frame["id"].tolist() == ["i1", "i2", "i3", "i4", "i5"]
    assert frame["decision"].tolist() == ["drop", "drop", "drop", "drop", "keep"]
    assert frame["stage"].tolist() == ["dedup", "classify", "classify", "filter", ""]
    assert frame["rule"].tolist() == ["duplicate", "field", "text", "photo", ""]
    assert frame["score"].tolist()[:4] == [1.5] * 4
    assert frame["score"].isna().tolist() == [False] * 4 + [True]
    assert frame["reason"].tolist()[3] == "because photo"


def test_a_verdict_wins_either_way() -> None:
    frame = final.decide(CLASSIFY, FILTER, DEDUP, {"i2": "keep", "i5": "drop", "i9": "keep"}).set_index("id")
    assert "i9" not in frame.index
    assert frame.loc["i2", ["decision", "stage", "rule"]].tolist() == ["keep", "verdict", "verdict"]
    assert frame.loc["i2", "reason"] == "a person said keep, against classify: because field"
    assert frame.loc["i5", ["decision", "stage", "reason"]].tolist() == ["drop", "verdict", "a person said drop"]


def test_stages_that_have_not_run(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    empty = catalog.decisions("filter")
    catalog.close()
    assert final.decide(empty, empty, empty, {}).empty
    frame = final.decide(CLASSIFY, empty, empty, {})
    assert frame["decision"].tolist() == ["keep", "drop", "drop", "keep"]
    assert final.decide(NONE, NONE, DEDUP, {})["stage"].tolist() == ["dedup", "", "dedup", ""]


def test_survivors_passed_classify_and_filter_or_were_kept_by_a_person() -> None:
    frame = final.survivors(CLASSIFY, FILTER, {"i3": "keep", "i1": "drop"})
    assert frame["id"].tolist() == ["i1", "i2", "i3", "i4"]
    assert frame["survives"].tolist() == [False, False, True, False]
    assert frame["verdict"].tolist() == ["drop", "", "keep", ""]
    assert final.survivors(CLASSIFY, FILTER, {})["survives"].tolist() == [True, False, False, False]
