"""Every number of the filters is a slider, and only those."""

from __future__ import annotations

import pytest

from pipeline.curate import filters
from pipeline.errors import UsageError
from pipeline.manifest import Manifest
from pipeline.review import sliders

TEXT = """# mine
[[scrape]]
source = "folder"
path = "/nowhere"
[filter.size]
[filter.photo]
likeness = 0.4  # chosen by eye
[filter.background]
[dedup]
"""


@pytest.fixture
def recipe() -> Manifest:
    return Manifest.parse(TEXT)


def test_every_number_is_described_within_its_bounds(recipe: Manifest) -> None:
    found = {one["key"]: one for one in sliders.describe(recipe)}
    assert {"filter.size.min_side", "filter.photo.likeness", "filter.background.tolerance", "dedup.distance"} <= set(found)
    assert "filter.background.expected" not in found
    assert found["filter.photo.likeness"]["value"] == 0.4
    assert found["dedup.distance"]["whole"]
    for one in found.values():
        assert one["low"] <= one["value"] <= one["high"], one
        assert 0 < one["step"] <= (one["high"] - one["low"]) / 10


def test_every_filter_can_be_moved() -> None:
    text = TEXT.split("[filter")[0] + "".join(f"[filter.{name}]\n" for name in filters.NAMES)
    recipe = Manifest.parse(text)
    for one in sliders.describe(recipe):
        for value in (one["low"], one["high"]):
            sliders.moved(recipe, {one["key"]: value})


def test_moved_is_what_set_gives(recipe: Manifest) -> None:
    values = {one["key"]: one["value"] for one in sliders.describe(recipe)}
    assert sliders.assignments(recipe, values) == []
    changed = {**values, "filter.photo.likeness": 0.25, "dedup.distance": 3.0}
    assert sliders.assignments(recipe, changed) == ["filter.photo.likeness=0.25", "dedup.distance=3"]
    other = sliders.moved(recipe, changed)
    assert other.filter["photo"].model_dump() == {"likeness": 0.25}
    assert other.dedup.distance == 3
    assert list(other.filter) == list(recipe.filter)


@pytest.mark.parametrize(
    "values",
    [
        {"scrape.path": 1},
        {"filter.photo.likeness": "0.2"},
        {"filter.photo.likeness": True},
        {"filter.photo.likeness": float("nan")},
        {"filter.background.expected": 1},
        {"filter.photo.likeness": 7},
        {"dedup.distance": 2.5},
    ],
)
def test_nothing_else_can_be_set(recipe: Manifest, values: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        sliders.moved(recipe, values)
