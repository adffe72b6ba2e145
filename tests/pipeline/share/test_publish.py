"""What a published folder holds, and what it must not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import Manifest
from pipeline.report import SILENT
from pipeline.share import folder
from pipeline.share.publish import publish

SECRETS = ("someone@example.org", "The page says so.", "truck driver", "a private remark", "remember Bob")
"""What the dataset's makers and the pages said, and no published folder may hold."""


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False)


def test_it_holds_what_others_need(dataset: Dataset, published: Path, site: Any) -> None:
    assert {path.name for path in published.iterdir()} == {
        *(f"{name}.csv" for name in folder.TABLES),
        *("publish.json", "manifest.toml", "README.md", "SHA256SUMS"),
    }
    items = table(published, "items")
    assert len(items) == 15
    measured = dataset.catalog.measurements(blobs=False)
    for name in ("pixels", "phash", "width"):
        assert items[name].tolist() == measured[name].tolist()
    assert (items["decision"] == "keep").sum() == 11
    seen = table(published, "sightings")
    assert len(seen) == 16
    assert seen["image_url"].str.startswith(f"http://{site.host}/").all()
    assert set(seen["spdx"]) == {"CC-BY-4.0"}
    assert set(seen["author"]) == {"Ann"}
    assert {name for fields in seen["fields"] for name in json.loads(fields)} == {"series"}
    assert "'=Suit '3" in set(seen["title"])  # no spreadsheet runs it
    assert len(table(published, "decisions")) == 45
    assert set(table(published, "verdicts")["aspect"]) == {"keep", "facing", "same"}
    clusters = table(published, "clusters").merge(items[["id", "decision"]], on="id")
    assert set(clusters.loc[clusters["decision"] == "keep", "split"]) == {"train", "validation"}


@pytest.mark.parametrize("parquet", [False, True])
def test_it_holds_nothing_private(put: Callable[..., Path], tmp_path: Path, parquet: bool) -> None:
    made = put(tmp_path / "folder", parquet=parquet)
    everything = b"".join(path.read_bytes() for path in made.iterdir())
    for secret in (*SECRETS, str(tmp_path), str(Path.home()), "list.csv/"):
        assert secret.encode() not in everything, secret
    read = folder.read(made)
    words = json.dumps([read.tables, read.meta, read.manifest])
    for secret in (*SECRETS, str(tmp_path)):
        assert secret not in words
    assert not re.search(rb"\x89PNG|\xff\xd8\xff", everything)


def test_with_texts_it_holds_them(put: Callable[..., Path], tmp_path: Path) -> None:
    rows = folder.read(put(tmp_path / "folder", texts=True)).tables["sightings"]
    assert {row["text"] for row in rows} == {"The page says so."}
    assert {json.loads(row["fields"])["unit_type"] for row in rows} == {"a mobile suit", "truck driver"}


def test_csv_and_parquet_say_the_same(put: Callable[..., Path], tmp_path: Path) -> None:
    one, two = folder.read(put(tmp_path / "one")), folder.read(put(tmp_path / "two", parquet=True))
    assert one.tables == two.tables
    assert {row["title"] for row in one.tables["sightings"]} > {"=Suit '3"}


def test_the_same_dataset_gives_the_same_bytes_and_replaces_what_was_there(put: Callable[..., Path], tmp_path: Path) -> None:
    one, two = put(tmp_path / "one"), put(tmp_path / "two", parquet=True)
    (two / ".git").mkdir()
    put(two)
    assert sorted(path.name for path in two.iterdir()) == sorted([*(path.name for path in one.iterdir()), ".git"])
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_the_manifest_still_is_one(published: Path) -> None:
    recipe = Manifest.load(published / "manifest.toml")
    assert recipe.shard.validation == 0.3
    assert recipe.scrape[0].model_dump()["path"] == Path("list.csv")


def test_the_readme_tells(published: Path, site: Any) -> None:
    text = (published / "README.md").read_text(encoding="utf-8")
    assert text.startswith('---\npretty_name: "shapes"\nlicense: "cc-by-4.0"\n')
    assert '{"config_name": "items", "data_files": "items.csv", "default": true}' in text
    assert "15 pictures, of which 11 were kept" in text
    assert "- 127.0.0.1 (15 pages): 15 pictures" in text
    assert "- CC-BY-4.0: 15" in text
    assert "| verdict | verdict | 1 |" in text


def test_not_every_folder_is_written_to(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    for target, words in (
        (tmp_path / "mine", "not empty"),
        (dataset.root / "out", "inside"),
        (tmp_path / "mine" / "letter.txt", "is a file"),
    ):
        with dataset.writing("test"), pytest.raises(UsageError, match=words):
            publish(dataset, target, SILENT, texts=False, parquet=False)
    assert not (dataset.root / "out").exists()


def test_what_is_not_curated_is_not_published(dataset: Dataset, tmp_path: Path) -> None:
    with dataset.writing("test"):
        dataset.catalog.begin_stage("dedup")
        with pytest.raises(PipelineError, match="dedup, which has not been finished"):
            publish(dataset, tmp_path / "folder", SILENT, texts=False, parquet=False)
    assert not (tmp_path / "folder").exists()
