"""Splits of a dataset: what is kept together, what is remembered, what moves and is told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline import splits
from pipeline.catalog import Find
from pipeline.dataset import Dataset
from pipeline.report import Reporter
from pipeline.shards.example import Picture

RECIPE = '[[scrape]]\nsource = "mahq"\n[shard]\nsplit_by = "{by}"\nvalidation = {share}\nseed = {seed}\n'


class Noted(Reporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)


class World:
    """A dataset whose items are put there by hand: id → cluster and the series of its sightings."""

    def __init__(self, root: Path) -> None:
        self.dataset = Dataset(root)
        self.clusters: dict[str, str] = {}
        self.recipe()

    def recipe(self, by: str = "cluster", share: float = 0.3, seed: int = 0) -> None:
        self.dataset.write_manifest(RECIPE.format(by=by, share=share, seed=seed))

    def put(self, id: str, cluster: str, *series: str) -> None:
        self.clusters[id] = cluster
        for number, name in enumerate(series or [""]):
            about = {"page_url": f"p{number}", "image_url": id, "fields": {"series": name} if name else {}}
            texts = dict.fromkeys(("title", "text", "license", "author", "credit"), "")
            self.dataset.catalog.put_finds([Find("mahq", id, f"sha of {id}", "png", 1, about | texts, 0.0)])

    def shard(self, *, dropped: tuple[str, ...] = ()) -> splits.Splits:
        frame = pd.DataFrame([{"id": id, "cluster": name, "kind": "", "keeper": id} for id, name in self.clusters.items()])
        self.dataset.catalog.put_clusters(frame)
        kept = [self.picture(id) for id in sorted(self.clusters) if id not in dropped]
        found = splits.settle(self.dataset, kept)
        splits.remember(self.dataset, found)
        return found

    def picture(self, id: str) -> Picture:
        path = self.dataset.root / "images" / f"{id}.png"
        return Picture(id, self.clusters[id], path, id, "", "", "p0", id, "", "", "#ffffff")


def sides(found: splits.Splits) -> dict[str, str]:
    return {one.id: found.sides[one.group] for one in found.pictures}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(40):
        made.put(f"i{number:02}", f"i{number:02}", f"series {number % 8}")
    return made


def test_a_better_copy_with_a_smaller_id_moves_nothing(world: World) -> None:
    before = sides(world.shard())
    for number in range(40):  # copies of all, each the new keeper, and its id the cluster's new name
        world.put(f"a{number:02}", f"a{number:02}")
        world.clusters[f"i{number:02}"] = f"a{number:02}"
    found = world.shard(dropped=tuple(before))
    assert found.moved == []
    assert {id.replace("a", "i"): side for id, side in sides(found).items()} == before


def test_clusters_that_merge_may_move_and_are_named(world: World, tmp_path: Path) -> None:
    before = sides(world.shard())
    train, aside = (next(id for id, side in before.items() if side == part) for part in ("train", "validation"))
    world.clusters[max(train, aside)] = min(train, aside)
    found = world.shard()
    (moved,) = found.moved
    assert moved in (train, aside)
    after = sides(found)
    assert after[train] == after[aside]
    assert {id: side for id, side in after.items() if id != moved} == {id: side for id, side in before.items() if id != moved}
    heard = Noted()
    assert splits.summary(found, 0.3, heard) == {"moved": 1}
    assert f"1 picture changed sides (groups merged: {min(train, aside)}, {max(train, aside)})" in heard.lines[0]
    splits.write_report(world.dataset, found)
    report = pd.read_csv(tmp_path / "reports" / "shard.csv", encoding="utf-8-sig", keep_default_na=False)
    assert list(report.loc[report["before"] != "", "id"]) == [moved]
    assert "override" in report
    assert world.shard().moved == []  # it is told once


def test_a_series_stands_in_one_split_and_common_pictures_tie_series(world: World) -> None:
    world.recipe("series")
    world.put("tie", "tie", "Series 1", " series  2 ")
    found = world.shard()
    groups = {one.id: one.group for one in found.pictures}
    assert len(set(groups.values())) == 7
    assert groups["i01"] == groups["i02"] == groups["tie"] != groups["i03"]
    # What is dropped ties nothing, and a copy's series counts as much as the picture's own.
    world.put("logo", "logo", *(f"series {number}" for number in range(8)))
    world.put("copy", "i03", "series 4")
    groups = {one.id: one.group for one in world.shard(dropped=("logo", "copy")).pictures}
    assert len(set(groups.values())) == 6
    assert groups["i03"] == groups["i04"]


def test_other_settings_move_by_right_and_forget_the_other_grouping(world: World) -> None:
    world.shard()
    world.recipe(seed=1)
    found = world.shard()
    assert found.moved
    assert found.reason(found.pictures[0]) == splits.CHANGED
    world.recipe("series")
    world.shard()
    assert world.dataset.catalog.splits("cluster") == []
    assert len(world.dataset.catalog.splits("series")) == 40


def test_a_share_far_from_the_wanted_one_is_told(world: World) -> None:
    for number in range(100):
        world.put(f"x{number}", f"x{number}", "the long one")
    world.recipe("series", share=0.1)
    shares = {}
    for seed in range(12):
        world.recipe("series", share=0.1, seed=seed)
        heard = Noted()
        found = world.shard()
        splits.summary(found, 0.1, heard)
        share = list(sides(found).values()).count("validation") / len(found.pictures)
        shares[share] = any("are wanted" in line for line in heard.lines)
    assert all(told == (not 0.05 <= share <= 0.2) for share, told in shares.items())
    assert set(shares.values()) == {True, False}


def test_a_group_of_most_pictures_is_told(world: World) -> None:
    heard = Noted()
    for number in range(20):
        world.put(f"x{number}", f"x{number}", f"series {number % 8}")
    world.recipe("series")
    splits.summary(world.shard(), 0.3, heard)
    assert not any("must stay together" in line for line in heard.lines)
    world.put("tie", "tie", *(f"series {number}" for number in range(6)))
    splits.summary(world.shard(), 0.3, heard)
    assert any("47 of 61 pictures must stay together" in line for line in heard.lines), heard.lines


def test_a_takedown_removes_what_is_remembered(world: World) -> None:
    from pipeline.catalog import Tombstone

    world.shard()
    world.dataset.catalog.forget([Tombstone("i05", "sha of i05", "png", None, None, "", [], False, 0.0)])
    assert "i05" not in {id for id, _, _ in world.dataset.catalog.splits("cluster")}
