from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

from pipeline.train.watch import curves


def test_a_chart_places_its_points_between_its_ticks() -> None:
    figure = curves.chart("Losses", {"D": [(0.0, 1.0), (5.0, 3.0), (10.0, 2.0)]})
    svg = ElementTree.fromstring(figure).find("svg")
    assert svg is not None
    (line,) = svg.findall("polyline")
    points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert [x for x, _ in points] == [46.0, 199.0, 352.0]
    assert points[1][1] < points[2][1] < points[0][1], "up is more"
    assert all(curves.TOP <= y <= curves.HEIGHT - curves.BOTTOM for _, y in points)
    assert "D <b>2</b>" in figure


def test_what_is_no_number_is_left_out_and_nothing_gives_nothing() -> None:
    figure = curves.chart("KID", {"samples": [(1.0, math.nan), (2.0, 5.0), (3.0, math.inf)], "none": []})
    assert len(re.findall("<polyline", figure)) == 1
    assert "none" not in figure
    assert curves.chart("KID", {"samples": [(1.0, math.nan)]}) == ""


def test_words_are_escaped() -> None:
    figure = curves.chart('<b>"x"', {"<script>": [(1.0, 1.0)]})
    assert "<script>" not in figure
    assert ElementTree.fromstring(figure).tag == "figure"


def test_many_points_become_means() -> None:
    found = curves.thinned([(float(x), float(x % 2)) for x in range(2000)])
    assert len(found) <= curves.POINTS
    assert found[0] == (2.0, 0.4)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, (0, 1, 0.5)), (0.3, 0.61, (0.3, 0.7, 0.1)), (5, 5, (4.5, 5.5, 0.5)), (0, 0, (0, 1, 0.5)), (0, 4e7, (0, 4e7, 1e7))],
)
def test_ticks_are_round_and_hold_both_ends(low: float, high: float, expected: tuple[float, float, float]) -> None:
    assert curves.ticks(low, high) == pytest.approx(expected)
