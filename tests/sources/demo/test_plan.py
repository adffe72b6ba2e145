from __future__ import annotations

from collections import Counter

import pytest

from sources.demo import plan
from sources.demo.plan import Unit


@pytest.fixture(scope="module", params=[(300, 0), (200, 7), (660, 1)])
def units(request: pytest.FixtureRequest) -> list[Unit]:
    return plan.plan(*request.param)


def test_the_same_seed_plans_the_same_site() -> None:
    assert plan.plan(220, 3) == plan.plan(220, 3)
    assert plan.plan(220, 3) != plan.plan(220, 4)


@pytest.mark.parametrize("count", [0, 199, 5000])
def test_too_few_or_too_many_units_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"units = {count}: the demo site has between 200 and"):
        plan.plan(count, 0)


def test_pages_have_their_own_addresses_and_titles(units: list[Unit]) -> None:
    assert len({unit.path for unit in units}) == len(units)
    assert len({unit.title for unit in units}) == len(units)
    assert {unit.series for unit in units if unit.new} == set(plan.NEW_SERIES)


def test_a_path_is_one_picture(units: list[Unit]) -> None:
    seen: dict[str, plan.Picture] = {}
    for unit in units:
        for _, picture in unit.pictures:
            assert seen.setdefault(picture.path, picture) == picture


def test_no_two_shots_share_a_design(units: list[Unit]) -> None:
    shots = {picture.shot for unit in units for _, picture in unit.pictures}
    designs = Counter(shot.design for shot in shots if shot.design)
    assert max(designs.values()) == 1
    assert len({shot.group for shot in shots}) == len(shots)


def test_every_trap_stands_six_times_or_more(units: list[Unit]) -> None:
    pictures = {picture.path: picture for unit in units for _, picture in unit.pictures}
    counts = Counter(picture.answer for picture in pictures.values())
    assert all(counts[answer] >= 6 for answer in ("truncated", "html", "dead", "moved"))
    treatments = Counter(picture.shot.treatment for picture in pictures.values())
    assert all(treatments[name] >= 6 for name in ("grayscale", "scene", "photo", "print"))
    copies = {picture.shot.group: picture for picture in pictures.values()}
    traits = Counter(
        trait
        for picture in pictures.values()
        for trait, there in {
            "tiny": min(picture.size) < 64,
            "mirrored": picture.mirrored,
            "recompressed": 0 < picture.quality <= 60,
            "resized": picture.size != picture.shot.size and min(picture.size) >= 150,
            "exact": copies[picture.shot.group] != picture and copies[picture.shot.group].path != picture.path,
        }.items()
        if there
    )
    assert all(traits[name] >= 6 for name in ("tiny", "mirrored", "recompressed", "resized", "exact"))
    shown = Counter(picture.path for unit in units for _, picture in unit.pictures)
    assert sum(number > 1 for number in shown.values()) >= 12
    kinds = Counter(unit.kind for unit in units)
    assert all(kinds[kind] >= 6 for kind in plan.FLEET)
    types = Counter(unit.figures["Unit type"] for unit in units)
    assert types["mobile fighter"] >= 6
    assert types["transformable mobile armor"] + types["prototype transformable mobile armor"] >= 6
    assert types["trailer truck"] >= 3
    assert Counter(unit.charset for unit in units if unit.charset) == {"meta": 4, "header": 4, "none": 4}
    assert Counter(unit.spread for unit in units if unit.spread)["break"] >= 6
    assert Counter(unit.spread for unit in units if unit.spread)["blanks"] >= 6
