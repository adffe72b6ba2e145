from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import demo, images
from pipeline.catalog import Catalog, Response
from pipeline.dataset import Dataset
from pipeline.errors import UsageError
from sources.demo import DemoSettings, site_of, truth
from sources.demo.known import Truth

ORIGIN = "http://127.0.0.1:8808"
MANIFEST = f"""
schema = 1
[[scrape]]
source = "demo"
start = "{ORIGIN}/mecha/gundam/index.htm"
[filter.size]
"""
ROWS = [row for row in truth(DemoSettings(source="demo")) if row.listed]
PICTURES = site_of(DemoSettings(source="demo")).pictures


def _sha256(row: Truth) -> str:
    return hashlib.sha256(row.path.encode()).hexdigest()


def _id(row: Truth) -> str:
    return images.item_id(_sha256(row))


class Run:
    """What a flawless run on the demo site would leave in the catalog, open to be spoiled."""

    def __init__(self) -> None:
        self.rows = {_id(row): row for row in ROWS if row.fetchable}
        self.failed = [row for row in ROWS if not row.fetchable]
        self.classify = {id: row.classify for id, row in self.rows.items()}
        self.filter = {id: row.filter for id, row in self.rows.items()}
        self.sides = {id: min(PICTURES[row.path].size) for id, row in self.rows.items()}
        # One cluster per group; the keeper is the best of those that are wanted.
        self.cluster = {id: row.group for id, row in self.rows.items()}
        self.keeper: dict[str, str] = {}
        for id, row in sorted(self.rows.items(), key=lambda entry: not entry[1].best):
            self.keeper.setdefault(row.group, id)
        self.kept = {id for id in self.rows if self.keeper[self.cluster[id]] == id}

    def write(self, dataset: Dataset) -> None:
        with dataset.catalog.transaction():
            self._write(dataset.catalog)

    def _write(self, catalog: Catalog) -> None:
        for id, row in self.rows.items():
            catalog.put_item(id, _sha256(row), "jpg", 1, 0.0)
            sighting = {
                "page_url": ORIGIN,
                "image_url": ORIGIN + row.path,
                "title": "",
                "fields": {},
                "text": "",
                "license": "",
                "author": "",
                "credit": "",
            }
            catalog.put_sighting(id, "demo", sighting, 0.0)
        for row in self.failed:
            catalog.put_responses([Response(ORIGIN + row.path, "image", ORIGIN + row.path, 404, "gone", "", {}, [], None, None, 0.0)])
        measured: list[dict[str, Any]] = [
            {"id": id, "error": None if row.readable else "truncated", "detail": "", "width": self.sides[id], "height": self.sides[id]}
            for id, row in self.rows.items()
        ]
        catalog.put_measurements(1, {"width": "INTEGER", "height": "INTEGER"}, measured)
        decided = {"classify": self.classify, "filter": self.filter, "dedup": {id: id in self.kept for id in self.rows}}
        for stage, decisions in decided.items():
            catalog.put_decisions(stage, _frame(decisions))
        clusters = [{"id": id, "cluster": name, "kind": "", "keeper": self.keeper[name]} for id, name in self.cluster.items()]
        catalog.put_clusters(pd.DataFrame(clusters))


def _frame(keep: dict[str, bool]) -> pd.DataFrame:
    rows = [
        {"id": id, "decision": "keep" if kept else "drop", "rule": "", "score": None, "threshold": None, "reason": ""}
        for id, kept in keep.items()
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    (tmp_path / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    dataset = Dataset(tmp_path)
    yield dataset
    dataset.close()


def _row(table: pd.DataFrame, stage: str, what: str) -> dict[str, Any]:
    return table[(table["stage"] == stage) & (table["what"] == what)].to_dict("records")[0]


def _some(run: Run, count: int, **traits: object) -> list[str]:
    found = [id for id, row in sorted(run.rows.items()) if all(getattr(row, name) == value for name, value in traits.items())]
    return found[:count]


def test_a_flawless_run_scores_one_everywhere(dataset: Dataset) -> None:
    Run().write(dataset)
    table = demo.evaluate(dataset)
    assert list(table.columns) == demo.COLUMNS
    assert (table["precision"] == 1).all()
    assert (table["recall"] == 1).all()
    assert (table["expected"] >= 6).all()
    assert list(zip(table["stage"], table["what"], strict=True)) == [
        ("scrape", "pictures"),
        ("scrape", "failures"),
        ("classify", "drop"),
        ("filter", "drop"),
        ("filter", "readable"),
        ("filter", "size"),
        ("dedup", "pairs"),
        ("dedup", "keepers"),
        ("final", "keep"),
    ]
    assert demo.mistakes(dataset).empty


def test_a_missed_picture_costs_recall_and_a_piece_of_furniture_precision(dataset: Dataset) -> None:
    run = Run()
    lost = run.rows.pop(_some(run, 1, wanted=True)[0])
    for table in (run.classify, run.filter, run.cluster):
        del table[_id(lost)]
    run.write(dataset)
    id = images.item_id("f" * 64)
    dataset.catalog.put_item(id, "f" * 64, "gif", 1, 0.0)
    furniture = {
        "page_url": ORIGIN,
        "image_url": f"{ORIGIN}/images/spacer.gif",
        "title": "",
        "fields": {},
        "text": "",
        "license": "",
        "author": "",
        "credit": "",
    }
    dataset.catalog.put_sighting(id, "demo", furniture, 0.0)
    scores = _row(demo.evaluate(dataset), "scrape", "pictures")
    fetchable = sum(row.fetchable for row in ROWS)
    assert scores["expected"] == fetchable
    assert scores["recall"] == scores["precision"] == (fetchable - 1) / fetchable
    wrong = demo.mistakes(dataset)
    assert set(wrong[wrong["what"] == "pictures"]["image_url"]) == {ORIGIN + lost.path, f"{ORIGIN}/images/spacer.gif"}


def test_wrong_decisions_are_counted_and_named(dataset: Dataset) -> None:
    run = Run()
    ships = _some(run, 2, classify=False)
    suits = _some(run, 3, wanted=True)
    for id in ships:
        run.classify[id] = True
    for id in suits:
        run.classify[id] = False
    run.write(dataset)
    scores = _row(demo.evaluate(dataset), "classify", "drop")
    drops = sum(not row.classify for row in run.rows.values())
    assert scores["expected"] == drops
    assert scores["right"] == drops - 2
    assert scores["precision"] == (drops - 2) / (drops + 1)
    assert scores["recall"] == (drops - 2) / drops
    wrong = demo.mistakes(dataset)
    named = wrong[wrong["stage"] == "classify"]
    assert dict(zip(named["image_url"], zip(named["truth"], named["got"], strict=True), strict=True)) == {
        **{ORIGIN + run.rows[id].path: ("drop", "keep") for id in ships},
        **{ORIGIN + run.rows[id].path: ("keep", "drop") for id in suits},
    }


def test_a_filter_is_judged_by_itself(dataset: Dataset) -> None:
    run = Run()
    wanted, scene, tiny = _some(run, 1, wanted=True)[0], _some(run, 1, rules=("background",))[0], _some(run, 1, rules=("size",))[0]
    run.sides[wanted] = run.sides[scene] = 10
    run.sides[tiny] = 200
    run.write(dataset)
    scores = _row(demo.evaluate(dataset), "filter", "size")
    count = sum("size" in row.rules for row in run.rows.values())
    # The scene is dropped anyway: a further reason against it is no mistake.
    assert scores["right"] == count - 1
    assert scores["precision"] == (count - 1) / count
    assert scores["recall"] == (count - 1) / count


def test_pairs_are_counted_within_clusters(dataset: Dataset) -> None:
    run = Run()
    pairs = _row_pairs(run)
    group = next(iter(sorted(pairs)))
    apart = next(id for id in sorted(run.rows) if run.cluster[id] == group and id != run.keeper[group])
    run.cluster[apart], run.keeper["alone"] = "alone", apart
    strangers = _some(run, 2, classify=False)
    run.cluster[strangers[0]] = run.cluster[strangers[1]]
    run.write(dataset)
    scores = _row(demo.evaluate(dataset), "dedup", "pairs")
    total = sum(pairs.values())
    lost = sum(run.rows[id].group == group for id in run.rows) - 1
    assert scores["expected"] == total
    assert scores["right"] == total - lost
    assert scores["precision"] == (total - lost) / (total - lost + 1)
    wrong = demo.mistakes(dataset)
    assert " = " in wrong[wrong["what"] == "pairs"]["image_url"].iloc[0]


def _row_pairs(run: Run) -> dict[str, int]:
    """Pairs per group of several items."""
    sizes = pd.Series(list(run.cluster.values())).value_counts()
    return {str(name): int(count) * (int(count) - 1) // 2 for name, count in sizes.items() if count > 1}


def test_a_lesser_keeper_and_a_duplicate_are_mistakes(dataset: Dataset) -> None:
    run = Run()
    lesser = next(id for id, row in sorted(run.rows.items()) if row.wanted and not row.best)
    group = run.cluster[lesser]
    run.kept.add(lesser)
    run.keeper[group] = lesser
    run.write(dataset)
    table = demo.evaluate(dataset)
    keepers, final = _row(table, "dedup", "keepers"), _row(table, "final", "keep")
    assert keepers["right"] == keepers["expected"] - 1
    assert keepers["precision"] < 1
    assert final["recall"] == 1
    assert final["precision"] == final["expected"] / (final["expected"] + 1)


def test_a_persons_word_counts_in_the_end(dataset: Dataset) -> None:
    run = Run()
    id = _some(run, 1, wanted=True, best=True)[0]
    run.write(dataset)
    dataset.review_path.write_text(f"id,aspect,value,note,when\n{id},keep,drop,,\n", encoding="utf-8")
    scores = _row(demo.evaluate(dataset), "final", "keep")
    assert scores["right"] == scores["expected"] - 1


def test_capitals_in_an_address_are_the_same_address(dataset: Dataset) -> None:
    run = Run()
    run.write(dataset)
    id = _some(run, 1, wanted=True)[0]
    url = ORIGIN + run.rows[id].path.replace("/mecha/", "/MECHA/")
    dataset.catalog.put_sighting(
        id,
        "demo",
        {"page_url": ORIGIN, "image_url": url, "title": "", "fields": {}, "text": "", "license": "", "author": "", "credit": ""},
        0.0,
    )
    assert _row(demo.evaluate(dataset), "scrape", "pictures")["precision"] == 1


def test_other_datasets_have_no_known_truth(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text('schema = 1\n[[scrape]]\nsource = "mahq"\n', encoding="utf-8")
    dataset = Dataset(tmp_path)
    with pytest.raises(UsageError, match="not scraped from the demo site"):
        demo.evaluate(dataset)
    dataset.close()
