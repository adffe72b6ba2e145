from __future__ import annotations

import gc
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline import images
from pipeline.manifest import AugmentSettings
from pipeline.shards import card, formats, loading, plan, reader
from pipeline.shards.example import FIELDS, Picture

TFRECORD = formats.load("tfrecord", "png")
Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., Any]


@pytest.fixture
def folder(make: Make, put: Put, shard: Settings, tmp_path: Path) -> Path:
    put(make(8), tmp_path / "set", shard(validation=0.3, shards=2), AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=3))
    return tmp_path / "set"


def snippet(folder: Path, word: str) -> dict[str, Any]:
    """Run the README's code block that holds `word`, from the folder above; its names."""
    blocks = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (code,) = [block for block in blocks if word in block]
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_it_tells_counts_augmentation_and_licences(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    rows = {split: list(reader.read(folder, split)) for split in ("train", "validation")}
    for split, found in rows.items():
        shards = len(list(folder.glob(f"*-{split}.*")))
        assert f"| {split} | {len({row['id'] for row in found})} | {len(found)} | {shards} |" in text
    assert "its mirror image and 3 copies with brightness × 0.7–1.2, on either side; validation holds originals only." in text
    assert "- CC BY 4.0: 6\n" in text
    # Text from the web is neither a table nor HTML.
    assert "- all rights \\| reserved &lt;b&gt;: 2\n" in text


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_its_webdataset_snippet_reads_every_sample(make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    pytest.importorskip("webdataset", reason="the snippet is written for it")
    put(make(8), tmp_path / "set", shard(format="webdataset", shards=2))
    monkeypatch.chdir(tmp_path)
    found = list(snippet(tmp_path / "set", "wds.WebDataset")["dataset"])
    wanted = list(reader.read(tmp_path / "set", "train"))
    assert [sample["json"] for sample in found] == [{name: row[name] for name in FIELDS if name != "image"} for row in wanted]  # type: ignore[literal-required]
    assert [sample["png"].tobytes() for sample in found] == [images.open_image(row["image"]).tobytes() for row in wanted]
    gc.collect()  # the library leaves its files to the collector


@pytest.mark.filterwarnings("ignore")
def test_its_datasets_snippet_reads_every_picture(make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    pytest.importorskip("datasets.load", reason="the snippet is written for it")  # a folder `datasets` would pass for the library
    import datasets as library

    monkeypatch.setattr(library.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    library.disable_progress_bars()
    put(make(8), tmp_path / "set", shard(format="imagefolder", shards=2))
    monkeypatch.chdir(tmp_path)
    found = snippet(tmp_path / "set", "load_dataset")["dataset"]
    assert sorted(found["id"]) == sorted(row["id"] for row in reader.read(tmp_path / "set", "train"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["imagefolder", "webdataset"])
def test_its_front_matter_tells_datasets_the_splits(
    kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any
) -> None:
    pytest.importorskip("datasets.load", reason="reads the front matter")
    import datasets as library

    library.disable_progress_bars()
    counts = put(make(8), tmp_path / "set", shard(format=kind, shards=2))["examples"]
    sets = library.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))
    assert {split: part.num_rows for split, part in sets.items()} == counts


@pytest.mark.parametrize(("encoding", "classes"), [("png", ["gundam", "zeta"]), ("jpeg", None)])
def test_its_zip_snippet_reads_every_picture(
    encoding: str, classes: list[str] | None, make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any
) -> None:
    pictures = make(8) if classes else [replace(picture, label="one") for picture in make(8)]
    put(pictures, tmp_path / "set", shard(format="stylegan", shards=2, encoding=encoding))
    monkeypatch.chdir(tmp_path)
    dataset = snippet(tmp_path / "set", "class Pictures")["dataset"]
    wanted = list(reader.read(tmp_path / "set", "train"))
    assert (len(dataset), dataset.classes) == (len(wanted), classes)
    for number, row in enumerate(wanted):
        pixels, label = dataset[number]
        assert pixels.shape == (3, 32, 32)
        assert pixels.transpose(1, 2, 0).tobytes() == images.open_image(row["image"]).tobytes()
        assert label == (classes.index(row["label"]) if classes else -1)
    dataset.zip.close()


@pytest.mark.parametrize("kind", ["tfrecord", "webdataset", "imagefolder", "stylegan"])
def test_docs_show_the_same_snippets(kind: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / "shards.md").read_text(encoding="utf-8")
    assert loading.text(formats.load(kind, "png"), "mahq", f"{kind}-128", "train").partition("With the program")[0] in text


@pytest.mark.parametrize("kind", ["tfrecord", "webdataset", "imagefolder", "stylegan"])
def test_it_counts_the_files_there_are(kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(8), tmp_path / "set", shard(format=kind, shards=2, validation=0))
    text = (tmp_path / "set" / "README.md").read_text(encoding="utf-8")
    assert f"| train | 8 | 8 | {1 if kind == 'stylegan' else 2} |" in text
    assert "$" not in text


def test_its_tensorflow_snippet_reads_every_field(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorflow", reason="the snippet is written for it")
    monkeypatch.chdir(folder.parent)
    found = list(snippet(folder, "TFRecordDataset")["dataset"].as_numpy_iterator())
    wanted = list(reader.read(folder, "train"))
    assert len(found) == len(wanted)
    for theirs, ours in zip(found, wanted, strict=True):
        assert set(theirs) == set(FIELDS)
        assert theirs["image"].tobytes() == images.open_image(ours["image"]).tobytes()
        assert all(theirs[name].decode() == ours[name] for name, kind in FIELDS.items() if kind == "text")
        assert theirs["width"] == theirs["height"] == 32


def test_its_tfds_snippet_reads_every_example(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorflow_datasets", reason="the snippet is written for it")
    monkeypatch.chdir(folder.parent)
    found = list(snippet(folder, "tfds")["dataset"].as_numpy_iterator())
    assert sorted(row["id"].decode() for row in found) == sorted(row["id"] for row in reader.read(folder, "train"))


def test_its_plain_snippet_reads_every_example(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert list(snippet(folder, "reader")["dataset"]) == list(reader.read(folder, "train"))


def test_it_tells_where_the_pictures_come_from_and_what_was_dropped(make: Make, shard: Settings) -> None:
    settings, pictures = shard(validation=0.3, split_by="series"), make(8)
    pictures[0] = replace(pictures[0], page_url="file:///home/someone/a.png", image_url="file:///home/someone/a.png", credit="")
    pictures[1] = replace(pictures[1], page_url="https://example.org/2.htm")
    shards = plan.shards(pictures, settings, AugmentSettings())
    dropped = {("classify", "field"): 1200, ("filter", "size|<b>"): 1}
    text = card.text("a <b>", "set", TFRECORD, settings, AugmentSettings(), shards, card.About(("2026-01-02", "2026-03-04"), 1209, dropped))
    assert "Collected between 2026-01-02 and 2026-03-04 (UTC) with" in text
    assert "- example.org (6 pages): 7 pictures\n- files on a disk: 1 picture\n" in text
    assert "someone" not in text
    assert "- artist 1: 1\n" in text
    assert "8 of 1,209 pictures were kept." in text
    assert "| classify | field | 1,200 |\n| filter | size\\|&lt;b&gt; | 1 |\n" in text
    assert "no cluster stands in two splits, and neither does a series" in text
    assert "# a &lt;b&gt;\n" in text


def test_long_lists_are_cut(make: Make, shard: Settings) -> None:
    pictures = [replace(one, credit=f"credit {number:02}") for number, one in enumerate(make(40))]
    text = card.text("a", "set", TFRECORD, shard(), AugmentSettings(), plan.shards(pictures, shard(), AugmentSettings()), card.About())
    assert "- credit 29: 1\n- and 10 more credit lines, in the records\n" in text
    assert "credit 30" not in text


def test_the_sample_sheet_shows_the_first_training_pictures(folder: Path) -> None:
    with Image.open(folder / "samples.png") as sheet:
        assert sheet.size == (8 * 36 - 4, 32)  # eight pictures of 32 pixels, four pixels apart
        wanted = [row for row in [*reader.read(folder, "train"), *reader.read(folder, "validation")] if not row["augmentation"]]
        for number, row in enumerate(wanted):
            cell = sheet.crop((number * 36, 0, number * 36 + 32, 32))
            assert cell.tobytes() == images.open_image(row["image"]).tobytes()
