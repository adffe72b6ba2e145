"""Credits of a dataset that was made from a folder, with a CSV that names authors and licences."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline import credits, steps, verdicts
from pipeline.credits import table
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError

TABLE = """file,title,license,author,credit,page_url
0.png,"=HYPERLINK(""x"")",CC BY 4.0,Ann,Ann of A,https://a.test/0
1.webp,One,All rights reserved,Bob,,https://b.test/1
2.gif,Two,Foo licence,,,
3.tif,Three,,,,
"""


def drawing(number: int) -> Image.Image:
    image = Image.new("RGB", (120, 120), "white")
    pen = ImageDraw.Draw(image)
    for step in range(6):
        left, top = (number * 31 + step * 23) % 80 + 6, (number * 47 + step * 37) % 80 + 6
        pen.ellipse(
            (left, top, left + 26, top + 18 + step), fill=((number * 60 + step * 40) % 220, step * 30, number * 40), outline="black"
        )
    return image


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """Four drawings with terms as in TABLE, a tiny one, and one that is cut short."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, extension in enumerate(["png", "webp", "gif", "tif"]):
        drawing(number).save(pictures / f"{number}.{extension}")
    Image.new("RGB", (10, 10), "red").save(pictures / "tiny.png")
    drawing(8).save(pictures / "cut.png")
    (pictures / "cut.png").write_bytes((pictures / "cut.png").read_bytes()[:-60])
    (tmp_path / "terms.csv").write_text(TABLE)
    root = tmp_path / "data"
    root.mkdir()
    (root / "manifest.toml").write_text(
        f"about = 'Ellipses'\n[[scrape]]\nsource = 'folder'\npath = '{pictures.as_posix()}'\n"
        f"csv = '{(tmp_path / 'terms.csv').as_posix()}'\n[filter.size]\nmin_side = 40\n[augment]\nmirror = true\n[shard]\nsize = 32\n"
    )
    held = Dataset(root)
    with held.writing("test"):
        steps.scrape(held, steps.Options(1))
        yield held


def curate(dataset: Dataset) -> None:
    for name in ("measure", "classify", "filter", "dedup"):
        steps.STEPS[name](dataset, steps.Options(1))


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "credits.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["title"]: row for row in csv.DictReader(file)}


def test_the_curated_set_is_credited(dataset: Dataset) -> None:
    curate(dataset)
    written = credits.write(dataset)
    folder = dataset.root / "credits"
    assert [path.relative_to(folder).as_posix() for path in written.paths] == ["CREDITS.md", "credits.csv", "croissant.json"]
    assert sorted(path.name for path in folder.iterdir()) == ["CREDITS.md", "credits.csv", "croissant.json"]
    assert (written.pictures, written.unstated, written.note) == (4, 1, "")
    assert written.licences == {"NOASSERTION": 2, "CC-BY-4.0": 1, "LicenseRef-All-Rights-Reserved": 1}
    found = rows(folder)
    assert list(next(iter(found.values()))) == list(table.COLUMNS)
    first = found['\'=HYPERLINK("x")']  # a spreadsheet runs nothing
    assert (first["author"], first["credit"], first["license"], first["spdx"]) == ("Ann", "Ann of A", "CC BY 4.0", "CC-BY-4.0")
    assert (first["page_url"], first["image_url"], first["source"]) == ("https://a.test/0", "", "folder")
    assert first["changes"] == "kept as fetched; for training resized and padded to 32 × 32 pixels; copies mirrored"
    for row in found.values():
        assert "i" + hashlib.sha256((dataset.root / row["file"]).read_bytes()).hexdigest()[:16] == row["id"]
    page = (folder / "CREDITS.md").read_text(encoding="utf-8")
    assert page.startswith("# Credits of data\n\n4 pictures by 2 named authors: the curated set.\n")
    assert str(dataset.root.parent) not in page + (folder / "credits.csv").read_text() + (folder / "croissant.json").read_text()


def test_a_dataset_that_is_not_curated_yet_is_credited_whole(dataset: Dataset) -> None:
    written = credits.write(dataset)
    assert written.pictures == 6
    assert written.note == "not curated yet (classify, filter, dedup did not run): every picture is credited"
    curate(dataset)
    assert credits.write(dataset, everything=True).pictures == 6
    assert credits.write(dataset, everything=True).note == ""


def test_a_verdict_counts_and_late_pictures_are_named(dataset: Dataset, tmp_path: Path) -> None:
    curate(dataset)
    one = rows_of(dataset)["One"]["id"]
    verdicts.append(dataset.review_path, one, "keep", "drop")
    drawing(9).save(tmp_path / "pictures" / "late.png")
    steps.scrape(dataset, steps.Options(1))
    written = credits.write(dataset)
    assert written.pictures == 3
    assert "One" not in rows(dataset.root / "credits")
    assert written.note == f"left out, as they came after the curation: 1; `pipeline run {dataset.root}` judges them"


def rows_of(dataset: Dataset) -> dict[str, dict[str, str]]:
    credits.write(dataset, everything=True)
    return rows(dataset.root / "credits")


def test_nobody_to_credit_is_said_in_words(dataset: Dataset, tmp_path: Path) -> None:
    curate(dataset)
    for row in rows_of(dataset).values():
        verdicts.append(dataset.review_path, row["id"], "keep", "drop")
    with pytest.raises(PipelineError, match="every picture is dropped.*--all credits all of them"):
        credits.write(dataset)
    empty = Dataset(tmp_path / "empty")
    empty.root.mkdir()
    with empty.writing("test"), pytest.raises(PipelineError, match="no pictures yet; run `pipeline scrape"):
        credits.write(empty)


def test_the_same_dataset_gives_the_same_bytes(dataset: Dataset) -> None:
    curate(dataset)
    first = [path.read_bytes() for path in credits.write(dataset).paths]
    assert [path.read_bytes() for path in credits.write(dataset).paths] == first


def test_an_interrupted_write_leaves_the_old_file(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    curate(dataset)
    page, _, jsonld = credits.write(dataset).paths
    before = page.read_bytes(), jsonld.read_bytes()

    def stop(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(credits.croissant, "document", stop)
    with pytest.raises(KeyboardInterrupt):
        credits.write(dataset)
    assert (page.read_bytes(), jsonld.read_bytes()) == before
    assert sorted(path.name for path in page.parent.iterdir()) == ["CREDITS.md", "credits.csv", "croissant.json"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("everything", [False, True], ids=["curated", "all"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["inside", "outside"])
def test_mlcroissant_loads_every_row_with_its_picture(dataset: Dataset, tmp_path: Path, everything: bool, elsewhere: bool) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    curate(dataset)
    folder = tmp_path / "out" / "deep" if elsewhere else dataset.root / "credits"
    credits.write(dataset, folder, everything=everything)
    loaded = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    issues = loaded.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    records = {record["credits/title"].decode(): record for record in loaded.records("credits")}
    table = rows(folder)
    assert len(records) == len(table) == (6 if everything else 4)
    for title, row in table.items():
        record = records[title]
        for column in ("id", "author", "credit", "license", "spdx", "license_url", "page_url", "changes"):
            assert (record[f"credits/{column}"] or b"").decode() == row[column]
        assert record["credits/file"].decode() == Path(row["file"]).name
        if title == "cut":
            assert record["credits/image"] is None
            continue
        with Image.open(dataset.root / row["file"]) as stored:
            assert record["credits/image"].tobytes() == stored.convert("RGB").tobytes()


def test_the_checksum_is_that_of_the_table(dataset: Dataset) -> None:
    _, csv_path, jsonld = credits.write(dataset).paths
    document = json.loads(jsonld.read_text(encoding="utf-8"))
    assert document["distribution"][0]["sha256"] == hashlib.sha256(csv_path.read_bytes()).hexdigest()
    assert document["name"] == "data"
    assert document["description"] == "Ellipses: every picture of the dataset."
