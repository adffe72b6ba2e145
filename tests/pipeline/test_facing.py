"""From overrides in the report to pictures that all face one way."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline import facing, stages, steps, verdicts
from pipeline.curate import facing as learning
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.shards import reader

COUNT = 24


def creature(number: int) -> Image.Image:
    """A body with a head to the right and a tail to the left, each of another colour and build."""
    chance = np.random.default_rng(number)
    image = Image.new("RGB", (90, 80), "white")
    pen = ImageDraw.Draw(image)
    colour = tuple(int(value) for value in chance.integers(20, 180, 3))
    long = int(chance.integers(18, 30))
    pen.ellipse((45 - long, 35, 45 + long, 60), fill=colour)
    pen.ellipse((40 + long - 6, 14, 40 + long + 8, 38), fill=colour)
    pen.line((45 - long, 48, 45 - long - 8, int(chance.integers(30, 60))), fill=colour, width=3)
    pen.line((40, 50, 40, 75), fill=colour, width=4)
    return image


@pytest.fixture
def herd(tmp_path: Path) -> Iterator[Dataset]:
    """Creatures that look right, every second one mirrored: its title says so. Measured and through every stage."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(COUNT):
        image = creature(number)
        (ImageOps.mirror(image) if number % 2 else image).save(pictures / f"{number:02}-{'left' if number % 2 else 'right'}.png")
    root = tmp_path / "data"
    root.mkdir()
    (root / "manifest.toml").write_text(
        f"[[scrape]]\nsource = 'folder'\npath = '{pictures.as_posix()}'\n[dedup]\ndistance = 0\nmirror = false\n[shard]\nsize = 32\n"
    )
    dataset = Dataset(root)
    with dataset.writing("test"):
        for name in ("scrape", "measure", "classify", "filter", "dedup"):
            steps.STEPS[name](dataset, steps.Options(1))
        yield dataset


def rows(dataset: Dataset) -> list[dict[str, str]]:
    return list(csv.DictReader((dataset.reports / "facing.csv").read_text(encoding="utf-8-sig").splitlines()))


def side(row: dict[str, str]) -> str:
    return row["title"].partition("-")[2]


def label(dataset: Dataset, count: int) -> None:
    """Write the true side of the first rows into the report, as a person would, and take it over."""
    said = [{**row, "override": side(row) if place < count else ""} for place, row in enumerate(rows(dataset))]
    with (dataset.reports / "facing.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(said[0]))
        writer.writeheader()
        writer.writerows(said)
    stages.take_overrides(dataset)


def test_suggestions_follow_overrides(herd: Dataset) -> None:
    summary = facing.suggest(herd)
    assert (summary["pictures"], summary["missing"], summary["suggested"]) == (COUNT, learning.FEWEST, {})
    assert all(row["suggestion"] == row["confidence"] == "" for row in rows(herd))
    label(herd, 3)
    assert facing.suggest(herd)["missing"] == learning.FEWEST - 3
    label(herd, 11)
    summary = facing.suggest(herd)
    assert (sum(summary["verdicts"].values()), summary["missing"], sum(summary["suggested"].values())) == (14, 0, 10)
    found = rows(herd)
    rest = [row for row in found if not row["verdict"]]
    assert found[:10] == rest
    confidences = [float(row["confidence"]) for row in rest]
    assert confidences == sorted(confidences)
    assert sum(row["suggestion"] == side(row) for row in rest) >= 8
    page = (herd.reports / "facing.html").read_text(encoding="utf-8")
    assert page.count("<figure") == COUNT
    assert all((herd.reports / f"../{row['image']}").is_file() and f'src="../{row["image"]}"' in page for row in found)


def test_a_verdict_that_the_others_contradict_comes_first_among_verdicts(herd: Dataset) -> None:
    facing.suggest(herd)
    label(herd, 20)
    slip = next(row for row in rows(herd) if side(row) == "right" and row["id"] in stages.verdicts_in_force(herd).facing)
    verdicts.append(herd.review_path, slip["id"], "facing", "left")
    facing.suggest(herd)
    assert next(row for row in rows(herd) if row["verdict"])["id"] == slip["id"]


def turned(dataset: Dataset) -> dict[str, str]:
    steps.STEPS["shard"](dataset, steps.Options(1))
    folder = steps.shard_folder(dataset)
    found = [row for part in reader.info(folder).splits for row in reader.read(folder, part.name)]
    return {row["title"]: row["augmentation"] for row in found}


def test_shards_are_turned_by_verdicts_and_by_sure_suggestions_only_where_asked(herd: Dataset) -> None:
    facing.suggest(herd)
    label(herd, 12)
    said = stages.verdicts_in_force(herd).facing
    assert set(turned(herd).values()) == {""}
    text = herd.manifest.text
    herd.write_manifest(text + "[augment]\nfacing = 'right'\n")
    by_verdict = turned(herd)
    record = herd.catalog.stage("shard")
    assert record is not None
    lefts = sum(value == "left" for value in said.values())
    assert (record.summary["turned"], record.summary["facing unknown"]) == (lefts, COUNT - len(said))
    assert sum(value == "turned" for value in by_verdict.values()) == lefts
    assert all("left" in title for title, value in by_verdict.items() if value)
    herd.write_manifest(text + "[augment]\nfacing = 'right'\n[facing]\nuse = 'suggested'\nconfidence = 0.5\n")
    by_suggestion = turned(herd)
    assert sum((value == "turned") == ("left" in title) for title, value in by_suggestion.items()) >= COUNT - 3
    record = herd.catalog.stage("shard")
    assert record is not None
    assert record.summary["facing unknown"] == 0


def test_a_facing_verdict_makes_shards_stale_only_where_they_are_turned(herd: Dataset) -> None:
    def stale() -> set[str]:
        return {state.name for state in stages.state(herd) if "changed" in state.why}

    steps.STEPS["shard"](herd, steps.Options(1))
    first, second = list(herd.catalog.ids())[:2]
    verdicts.append(herd.review_path, first, "facing", "left")
    assert stale() == set()
    herd.write_manifest(herd.manifest.text + "[augment]\nfacing = 'right'\n")
    steps.STEPS["shard"](herd, steps.Options(1))
    verdicts.append(herd.review_path, second, "facing", "left")
    assert stale() == {"shard"}


def test_without_measurements(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text("[[scrape]]\nsource = 'folder'\npath = '.'\n")
    dataset = Dataset(tmp_path)
    with dataset.writing("test"), pytest.raises(PipelineError, match="run `pipeline measure"):
        facing.suggest(dataset)
