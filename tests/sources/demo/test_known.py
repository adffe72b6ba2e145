from __future__ import annotations

import pytest

from sources.demo.known import Truth, truth
from sources.demo.site import Site


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(300, 0)


@pytest.fixture(scope="module")
def rows(site: Site) -> dict[str, Truth]:
    return {row.path: row for row in truth(site)}


def test_every_picture_has_its_row(site: Site, rows: dict[str, Truth]) -> None:
    assert list(rows) == sorted(site.pictures)


def test_rules_follow_from_what_was_done_to_the_picture(site: Site, rows: dict[str, Truth]) -> None:
    for path, row in rows.items():
        picture = site.pictures[path]
        assert ("size" in row.rules) == (min(picture.size) < 64)
        assert ("readable" in row.rules) == (picture.answer == "truncated")
        if row.rules == ():
            assert picture.shot.treatment == "plain"
            assert row.filter
        assert row.fetchable == (picture.answer not in ("dead", "html"))


def test_a_robot_on_a_carriers_page_is_still_a_robot(site: Site, rows: dict[str, Truth]) -> None:
    carriers = [unit for unit in site.units if unit.kind == "carrier" and len(unit.pictures) > 1]
    assert len(carriers) == 6
    for unit in carriers:
        own, guest = (rows[picture.path] for _, picture in unit.pictures)
        assert (own.classify, own.robot, own.unit_type) == (False, False, unit.figures["Unit type"])
        assert (guest.classify, guest.robot) == (True, True)
        assert "carrier" not in guest.unit_type


def test_a_group_has_a_best_picture_if_any_is_wanted(site: Site, rows: dict[str, Truth]) -> None:
    groups: dict[str, list[Truth]] = {}
    for row in rows.values():
        groups.setdefault(row.group, []).append(row)
    assert len({site.pictures[row.path].shot for row in rows.values()}) == len(groups)
    for members in groups.values():
        best = [row for row in members if row.best]
        assert bool(best) == any(row.wanted for row in members)
        assert all(row.wanted for row in best)
        areas = [site.pictures[row.path].size[0] for row in members if row.wanted]
        assert all(site.pictures[row.path].size[0] == max(areas) for row in best)


def test_a_recompressed_copy_is_not_the_best(site: Site, rows: dict[str, Truth]) -> None:
    poor = [path for path, picture in site.pictures.items() if 0 < picture.quality <= 60]
    assert len(poor) >= 6
    assert not any(rows[path].best for path in poor)
