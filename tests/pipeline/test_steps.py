"""What the stages hand to each other; measuring in processes, whatever one picture does to its process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image, ImageDraw

from pipeline import steps, verdicts, workers
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.measure import registry
from pipeline.report import Reporter


@pytest.fixture
def todo(tmp_path: Path) -> list[tuple[str, str]]:
    tasks = []
    for number in range(steps.INLINE + 6):
        path = tmp_path / f"{number:02}.png"
        Image.new("RGB", (20 + number, 20), (number * 8, 20, 200)).save(path)
        tasks.append((str(path), f"i{number:02}"))
    return tasks


def flat(batches) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    return [row for rows in batches for row in rows]


def test_any_number_of_workers_gives_the_same_rows(todo: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 8)
    alone = [registry.measure_file(path, id) for path, id in todo]
    assert flat(steps._measured(todo, workers.Processes(2))) == alone
    assert flat(steps._measured(todo[:4], workers.Processes(2))) == alone[:4]


FATAL = {"i05", "i06", "i14"}
"""Two in a row, and the last of a batch of 15."""


def _fatal(batch):  # type: ignore[no-untyped-def]
    """Stands in for a decoder that takes its process down."""
    if any(id in FATAL for _, id in batch):
        os._exit(139)
    return [{"id": id, "error": None, "detail": ""} for _, id in batch]


def test_pictures_that_kill_their_process_are_one_row_each(todo: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 15)
    monkeypatch.setattr(steps, "_measure_batch", _fatal)
    rows = flat(steps._measured(todo, workers.Processes(2)))
    assert sorted(str(row["id"]) for row in rows) == [id for _, id in todo]
    assert {row["id"] for row in rows if row["error"] == "crashed"} == FATAL


def drawing(number: int) -> Image.Image:
    image = Image.new("RGB", (120, 120), "white")
    pen = ImageDraw.Draw(image)
    for step in range(6):
        left, top = (number * 31 + step * 23) % 80 + 6, (number * 47 + step * 37) % 80 + 6
        colour = tuple((number * 60 + step * offset) % 220 for offset in (40, 90, 140))
        pen.ellipse((left, top, left + 26, top + 18 + step), fill=colour, outline="black")
    return image


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Dataset]:
    """Three drawings: the first also as a smaller JPEG, the second with another licence, the third on a page that says carrier too."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        drawing(number).save(pictures / f"{number}.png")
    drawing(0).resize((90, 90), Image.Resampling.LANCZOS).save(pictures / "0-small.jpg", quality=85)
    (pictures / "2-again.png").write_bytes((pictures / "2.png").read_bytes())
    table = ["file,unit_type,license,series", "0.png,mobile suit,CC0,a", "0-small.jpg,mobile suit,CC0,a"]
    table += ["1.png,mobile suit,CC BY,b", "2.png,mobile suit,MIT,c", "2-again.png,carrier,secret,d"]
    (tmp_path / "fields.csv").write_text("\n".join(table) + "\n")
    root = tmp_path / "data"
    root.mkdir()
    (root / "manifest.toml").write_text(
        f"[[scrape]]\nsource = 'folder'\npath = '{pictures.as_posix()}'\ncsv = '{(tmp_path / 'fields.csv').as_posix()}'\n"
        "[classify]\nfield = 'unit_type'\nkeep = ['mobile suit']\ndrop = ['carrier']\n[filter.size]\n[shard]\nlabel = 'unit_type'\n"
    )
    dataset = Dataset(root)
    with dataset.writing("test"):
        yield dataset


def through(dataset: Dataset, *names: str) -> dict[str, dict[str, object]]:
    return {name: steps.STEPS[name](dataset, steps.Options(1)) for name in names}


CHAIN = ("scrape", "measure", "classify", "filter", "dedup")


def titles(dataset: Dataset) -> set[str]:
    return {picture.title for picture in steps.curated(dataset)}


def test_the_stages_hand_over_what_they_should(joined: Dataset) -> None:
    summaries = through(joined, *CHAIN)
    assert summaries["classify"]["conflicts"] == 1
    assert summaries["dedup"]["by"] == {"duplicate": 1}
    pictures = {picture.title: picture for picture in steps.curated(joined)}
    assert set(pictures) == {"0", "1", "2"}
    assert (pictures["1"].license, pictures["1"].series, pictures["1"].label) == ("CC BY", "b", "mobile suit")
    assert (pictures["2"].license, pictures["2"].label) == ("MIT", "mobile suit")  # not those of the carrier's page
    assert pictures["0"].border_colour == "#ffffff"


def test_a_verdict_moves_the_keeper_and_a_same_verdict_parts_two(joined: Dataset) -> None:
    through(joined, *CHAIN)
    sightings = joined.catalog.sightings()
    ids = {title: id for id, title in zip(sightings["id"], sightings["title"], strict=True)}
    verdicts.append(joined.review_path, ids["0"], "keep", "drop")
    through(joined, "dedup")
    assert titles(joined) == {"0-small", "1", "2"}
    verdicts.append(joined.review_path, ids["0"], "keep", "clear")
    verdicts.append(joined.review_path, ids["0"], "same", f"no {ids['0-small']}")
    through(joined, "dedup")
    assert titles(joined) == {"0", "0-small", "1", "2"}


def test_an_unreadable_picture_that_a_person_keeps_is_named(joined: Dataset, tmp_path: Path) -> None:
    whole = (tmp_path / "pictures" / "1.png").read_bytes()
    (tmp_path / "pictures" / "cut.png").write_bytes(whole[: len(whole) // 2])
    through(joined, *CHAIN)
    sightings = joined.catalog.sightings()
    (cut,) = sightings[sightings["title"] == "cut"]["id"]
    assert "cut" not in titles(joined)
    verdicts.append(joined.review_path, cut, "keep", "keep")
    with pytest.raises(PipelineError, match=f"{cut}: kept by a verdict, but its picture is"):
        steps.curated(joined)


def test_different_shards_have_different_digests(joined: Dataset) -> None:
    through(joined, *CHAIN, "shard")
    first = joined.catalog.stage("shard")
    joined.write_manifest(joined.manifest.text.replace("[shard]", "[shard]\nseed = 4"))
    through(joined, "shard")
    second = joined.catalog.stage("shard")
    assert first is not None
    assert second is not None
    assert first.output != second.output


def test_changes_of_copies_that_there_are_none_of_are_told(joined: Dataset) -> None:
    class Listener(Reporter):
        notes: ClassVar[list[str]] = []

        def note(self, text: str) -> None:
            self.notes.append(text)

    text = joined.manifest.text
    through(joined, *CHAIN)
    for augment, told in (("rotate = 3\nbrightness = [0.9, 1.1]", 1), ("rotate = 3\ncopies = 1", 0), ("mirror = true", 0)):
        joined.write_manifest(f"{text}\n[augment]\n{augment}\n")
        Listener.notes.clear()
        steps.shard(joined, steps.Options(workers=1, report=Listener()))
        assert [note for note in Listener.notes if "no copies that brightness, rotate would" in note] == Listener.notes[:told]
