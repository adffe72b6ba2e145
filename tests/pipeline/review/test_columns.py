"""The page's columns say what the stages decided, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.review import columns, queues, snapshot


@pytest.fixture(scope="module")
def found(make_dataset: Callable[..., Path]) -> snapshot.Snapshot:
    return snapshot.take(make_dataset(30, signatures=False))


def near(found: snapshot.Snapshot) -> queues.Closeness:
    return queues.closeness(found.ids, found.measurements, found.classify, found.dedup, found.manifest.filter)


def test_a_drop_says_why_and_a_keep_what_is_near(found: snapshot.Snapshot) -> None:
    table = columns.make(found, near(found))
    dropped = [row for row, stage in enumerate(table["drop"]) if stage]
    assert {8, 9} <= set(dropped)
    assert table["reason"][8] == "the same pixels in other bytes"
    for row in range(30):
        assert bool(table["reason"][row]) == (row in dropped)
        assert (table["keeper"][row] == row) == (row % 10 < 8)
    assert table["rules"][table["rule"][0]] in ("size", "photo")
    assert table["width"][0] == 120


def test_long_text_is_cut_and_of_one_item_all_is_said(found: snapshot.Snapshot) -> None:
    long = found.dedup.assign(reason="x" * 1000)
    other = snapshot.Snapshot(**{**vars(found), "dedup": long})
    assert max(len(text) for text in columns.make(other, near(found))["reason"]) == columns.LONGEST
    said = {stage["stage"]: stage for stage in columns.stages(other, found.ids[8])}
    assert len(said["dedup"]["reason"]) == 1000
    assert columns.stages(found, "i9") == []


@pytest.mark.parametrize(("value", "shown"), [(np.nan, None), (np.inf, None), (None, None), (1.23456, 1.2346), (np.float32(2), 2.0)])
def test_numbers_are_json(value: object, shown: float | None) -> None:
    assert columns.number(value) == shown
