"""Nearness to the line, and the orders made from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.curate import filters
from pipeline.review import queues

EMPTY = pd.DataFrame(columns=["id", "decision", "rule", "score", "threshold", "reason"])
SETTINGS = {"size": filters.load("size").Settings(), "grayscale": filters.load("grayscale").Settings()}


def measurements(sides: list[int], chromas: list[float]) -> pd.DataFrame:
    count = len(sides)
    return pd.DataFrame(
        {"id": [f"i{n}" for n in range(count)], "error": None, "width": sides, "height": 500, "tint": 0.0, "colour_spread": chromas}
    )


def near(table: pd.DataFrame, classify: pd.DataFrame = EMPTY, dedup: pd.DataFrame = EMPTY) -> queues.Closeness:
    return queues.closeness(list(table["id"]), table, classify, dedup, SETTINGS)


def test_what_is_kept_is_as_near_as_its_nearest_rule() -> None:
    found = near(measurements([400, 130, 400], [200.0, 200.0, 13.0]))
    assert found.rule.tolist()[1:] == ["size", "grayscale"]
    assert found.score[1:].tolist() == [130, 13]
    assert found.distance[1] < found.distance[0]
    assert found.distance[2] < found.distance[0]


def test_what_two_rules_drop_is_as_far_as_the_farther_one() -> None:
    found = near(measurements([400, 124, 124, 400], [200.0, 200.0, 0.0, 0.0]))
    assert found.rule.tolist() == ["grayscale", "size", "grayscale", "grayscale"] or found.rule[1] == "size"
    assert found.distance[2] == found.distance[3] > found.distance[1]


def test_nothing_known_is_infinitely_far() -> None:
    table = measurements([400, 400], [100.0, 50.0])
    table.loc[1, "error"] = "truncated"
    found = near(table)
    assert found.distance[1] == np.inf
    assert found.rule[1] == ""


def test_a_drop_without_a_score_is_not_near() -> None:
    said = pd.DataFrame([["i0", "drop", "field", np.nan, np.nan, "x"]], columns=EMPTY.columns)
    found = near(measurements([130, 130], [100.0, 50.0]), classify=said)
    assert found.distance[0] == np.inf
    assert found.distance[1] < np.inf


def test_stages_without_measurements_are_heard() -> None:
    said = pd.DataFrame([["i0", "keep", "text", 0.1, 0.0, ""], ["i1", "keep", "text", 0.9, 0.0, ""]], columns=EMPTY.columns)
    found = near(measurements([], []).astype(object), classify=said)
    assert len(found.distance) == 0
    found = queues.closeness(["i0", "i1"], measurements([], []), said, EMPTY, SETTINGS)
    assert found.distance[0] < found.distance[1]


def test_orders() -> None:
    distance = np.array([0.5, 0.1, np.inf, 0.1])
    assert queues.nearest(np.array([True, True, True, True]), distance) == [1, 3, 0, 2]
    assert queues.nearest(np.array([True, False, False, True]), distance) == [3, 0]
    conflict, said = np.array([True, False, False, False]), np.array([False, True, False, False])
    assert queues.unsure(distance, conflict, said) == [0, 3, 2]


@pytest.mark.parametrize("loose", [[np.nan, 2, 4, np.nan, 6, np.nan], [np.nan, 0, 0, np.nan, np.nan, np.nan]])
def test_clusters_stand_with_their_keeper_first(loose: list[float]) -> None:
    keeper = np.array([0, 0, 0, 3, 3, 5])
    groups = queues.clusters(keeper, np.array(loose))
    assert sorted(groups) == [[0, 1, 2], [3, 4]]
    assert groups[0][0] == (3 if loose[4] == 6 else 0)  # the loosest link is looked at first
