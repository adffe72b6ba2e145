"""Pictures moved to another place and back; every command works on them there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline import forget, images, offload, remote, report, steps, verification
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.review import gallery
from pipeline.review.desk import Desk
from pipeline.review.thumbs import Thumbs

PICTURES = steps.INLINE + 8
"""So many that they are measured by other processes."""

OPTIONS = steps.Options(workers=2)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Scraped, and nothing else."""
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(PICTURES):
        image = Image.new("RGB", (90, 80), "white")
        pen = ImageDraw.Draw(image)
        for step in range(5):
            left, top = (number * 31 + step * 23) % 60 + 4, (number * 47 + step * 37) % 50 + 4
            pen.ellipse((left, top, left + 22, top + 16), fill=tuple((number * 60 + step * by) % 220 for by in (40, 90, 140)))
        image.save(pictures / f"{number}.png")
    root = tmp_path / "set"
    root.mkdir()
    (root / "manifest.toml").write_text(
        f"[[scrape]]\nsource = 'folder'\npath = '{pictures.as_posix()}'\n"
        "[classify]\n[filter.size]\n[dedup]\n[shard]\nshards = 2\nsize = 32\n"
    )
    made = Dataset(root)
    with made.writing("test"):
        steps.scrape(made, OPTIONS)
    return made


def curate(dataset: Dataset) -> None:
    with dataset.writing("test"):
        for step in (steps.measure, steps.classify, steps.filter, steps.dedup, steps.review, steps.shard):
            step(dataset, OPTIONS)


def moved(dataset: Dataset, url: str = "", report: report.Reporter = report.SILENT) -> dict[str, int]:
    with dataset.writing("test"):
        return offload.offload(dataset, url, report)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_whole_chain_reads_them_there_and_makes_the_same_bytes(dataset: Dataset, tmp_path: Path) -> None:
    here = Dataset(tmp_path / "here" / "set")
    shutil.copytree(dataset.root, here.root)
    away = tmp_path / "away"
    was = files_in(dataset.image_store.folder)
    assert moved(dataset, away.as_uri()) == {"moved": PICTURES, "before": 0}
    assert files_in(away) == was
    assert files_in(dataset.image_store.folder) == {}
    curate(dataset)
    curate(here)
    shards = files_in(here.shards)
    assert any(name.endswith(".png") for name in shards)
    assert files_in(dataset.shards) == shards
    assert verification.verify(str(dataset.root), report.SILENT)[1] == []


def test_they_come_back_and_the_copies_stay(dataset: Dataset, tmp_path: Path) -> None:
    was = files_in(dataset.image_store.folder)
    moved(dataset, str(tmp_path / "away"))  # a path is as good as a URL
    assert dataset.image_store.mark.read_text() == (tmp_path / "away").as_uri() + "\n"
    with dataset.writing("test"):
        assert offload.bring_back(dataset) == {"fetched": PICTURES}
    assert files_in(dataset.image_store.folder) == files_in(tmp_path / "away") == was
    assert not dataset.image_store.mark.exists()
    with pytest.raises(UsageError, match="nothing was offloaded"):
        offload.bring_back(dataset)


def test_a_second_scrape_fetches_nothing_and_what_is_new_lies_here(dataset: Dataset, tmp_path: Path) -> None:
    moved(dataset, str(tmp_path / "away"))
    Image.new("RGB", (70, 70), "red").save(tmp_path / "pictures" / "new.png")
    with dataset.writing("test"):
        steps.scrape(dataset, OPTIONS)
    assert len(files_in(dataset.image_store.folder)) == 1
    assert verification.verify(str(dataset.root), report.SILENT)[1] == []
    assert moved(dataset) == {"moved": 1, "before": PICTURES}


def test_one_that_was_taken_down_is_removed_there(dataset: Dataset, tmp_path: Path) -> None:
    moved(dataset, str(tmp_path / "away"))
    with dataset.writing("test"):
        forget.forget(dataset, dataset.catalog.ids()[0])
    assert len(files_in(tmp_path / "away")) == PICTURES - 1


def test_the_review_page_has_them(dataset: Dataset, tmp_path: Path) -> None:
    moved(dataset, str(tmp_path / "away"))
    curate(dataset)
    desk = Desk(dataset.root)
    id = dataset.catalog.ids()[0]
    assert isinstance(desk.place(id), str)
    assert Thumbs().get(desk.place(id)).startswith(b"RIFF")
    with dataset.writing("test"):
        assert f"{(tmp_path / 'away').as_uri()}/" in gallery.write(dataset).read_text(encoding="utf-8")


def test_damage_there_is_named_and_damage_here_is_not_sent(dataset: Dataset, tmp_path: Path) -> None:
    away = tmp_path / "away"
    path = next(dataset.image_store.folder.rglob("*.png"))
    good = path.read_bytes()
    path.write_bytes(b"x" + good[1:])
    with pytest.raises(PipelineError, match="is not the file that was fetched"):
        moved(dataset, str(away))
    assert path.exists()
    path.write_bytes(good)
    assert moved(dataset)["moved"] >= 1  # the same command goes on
    there = away / path.relative_to(dataset.image_store.folder)
    there.write_bytes(b"x" + good[1:])
    assert len([line for line in verification.verify(str(dataset.root), report.SILENT)[1] if there.name in line]) == 1
    with pytest.raises(PipelineError, match="is not the file that was fetched"), dataset.writing("test"):
        offload.bring_back(dataset)
    there.unlink()
    with pytest.raises(PipelineError, match="cannot be read"), dataset.writing("test"):
        offload.bring_back(dataset)


def test_what_arrives_changed_is_kept_here(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(self: remote.Folder, file: str, name: str) -> None:
        (tmp_path / "away" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "away" / name).write_bytes(b"spoilt")

    was = files_in(dataset.image_store.folder)
    monkeypatch.setattr(remote.Folder, "put", spoil)
    with pytest.raises(PipelineError, match="is not what was sent"):
        moved(dataset, str(tmp_path / "away"))
    assert files_in(dataset.image_store.folder) == was
    monkeypatch.undo()
    assert moved(dataset) == {"moved": PICTURES, "before": 0}


def test_stopped_between_sending_and_removing_it_goes_on(dataset: Dataset, tmp_path: Path) -> None:
    shutil.copytree(dataset.image_store.folder, tmp_path / "away")
    assert moved(dataset, str(tmp_path / "away"))["moved"] == PICTURES
    assert len(files_in(tmp_path / "away")) == PICTURES


def test_another_place_the_dataset_itself_and_no_place_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="say where"):
        moved(dataset)
    with pytest.raises(UsageError, match="in the dataset itself"):
        moved(dataset, str(dataset.image_store.folder))
    with pytest.raises(UsageError, match="no address that fsspec can use"):
        moved(dataset, "nonsense://bucket")
    assert not dataset.image_store.mark.exists()
    moved(dataset, str(tmp_path / "away"))
    with pytest.raises(UsageError, match="bring them back first"):
        moved(dataset, str(tmp_path / "elsewhere"))


def test_a_place_that_took_nothing_can_be_changed(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(PipelineError, match="cannot be written"):
        moved(dataset, str(tmp_path / "file" / "away"))
    assert moved(dataset, str(tmp_path / "away")) == {"moved": PICTURES, "before": 0}


def test_measuring_a_picture_that_is_not_there_says_so(dataset: Dataset, tmp_path: Path) -> None:
    moved(dataset, str(tmp_path / "away"))
    sha256 = str(dataset.catalog.items()["sha256"].iloc[0])
    (tmp_path / "away" / images.stored_name(sha256, "png")).unlink()
    with pytest.raises(PipelineError, match=f"{sha256}.png: cannot be read"), dataset.writing("test"):
        steps.measure(dataset, OPTIONS)
