"""Precision, recall and mistakes: planted cases, and against plain counting."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.curate.evaluate import MISTAKES, SIDES, evaluate
from pipeline.manifest import ClassifySettings

SETTINGS = ClassifySettings(field="kind", keep=("suit",), drop=("ship",))


def sightings(kinds: dict[str, str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"id": id, "page_url": f"http://m/{id}", "image_url": "", "source": "x", "title": id.upper(), "fields": {"kind": kind}, "text": ""}
        for id, kind in kinds.items()
    ]
    return pd.DataFrame(rows)


def test_a_planted_mistake_of_each_side() -> None:
    seen = sightings({"a": "suit", "b": "suit", "c": "ship", "d": "ship", "e": "house", "f": "suit"})
    report = evaluate(seen, {"a": "keep", "b": "drop", "c": "drop", "d": "keep", "e": "drop"}, SETTINGS)
    assert (report.items, report.right, report.accuracy) == (5, 3, 0.6)
    assert list(report.sides.columns) == SIDES
    assert report.sides.values.tolist() == [["keep", 2, 2, 1, 0.5, 0.5], ["drop", 3, 3, 2, 2 / 3, 2 / 3]]
    assert report.rules.values.tolist() == [["field", 4, 2], ["no_keyword", 1, 1]]
    assert list(report.mistakes.columns) == MISTAKES
    assert report.mistakes[["id", "title", "label", "decision", "reason"]].values.tolist() == [
        ["b", "B", "drop", "keep", 'kind says "suit": suit'],
        ["d", "D", "keep", "drop", 'kind says "ship": ship'],
    ]
    assert report.worst() == 0.5


def test_all_of_one_side() -> None:
    report = evaluate(sightings({"a": "suit"}), {"a": "keep"}, SETTINGS)
    assert report.sides.loc[0, "precision"] == report.sides.loc[0, "recall"] == report.worst() == 1
    assert report.sides.loc[1, ["precision", "recall"]].isna().all()
    assert report.mistakes.empty


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["suit", "ship", "house"]), st.sampled_from(["keep", "drop", None])), min_size=1, max_size=30))
def test_against_plain_counting(cases: list[tuple[str, str | None]]) -> None:
    kinds = {f"i{number:02}": kind for number, (kind, _) in enumerate(cases)}
    labels = {f"i{number:02}": label for number, (_, label) in enumerate(cases) if label}
    if not labels:
        return
    report = evaluate(sightings(kinds), labels, SETTINGS)
    said = {id: "keep" if kinds[id] == "suit" else "drop" for id in labels}
    assert report.items == len(labels)
    assert set(report.mistakes["id"]) == {id for id in labels if said[id] != labels[id]}
    for side, labelled, named, right, precision, recall in report.sides.values.tolist():
        hits = [id for id in labels if said[id] == labels[id] == side]
        assert (labelled, named, right) == (list(labels.values()).count(side), list(said.values()).count(side), len(hits))
        assert precision == pytest.approx(len(hits) / named) if named else math.isnan(precision)
        assert recall == pytest.approx(len(hits) / labelled) if labelled else math.isnan(recall)
