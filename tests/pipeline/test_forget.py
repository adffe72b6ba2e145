"""Takedown: nothing of the picture is left, it does not come back, and whatever holds a copy is named."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline import chain, forget, images, stages, steps, verification
from pipeline.catalog import Catalog, Tombstone
from pipeline.dataset import Dataset
from pipeline.errors import UsageError
from pipeline.fetch.result import FORGOTTEN, Fetched
from pipeline.fetch.store import Store
from pipeline.image_store import ImageStore
from pipeline.report import SILENT, Reporter

ROOT = Path(__file__).parents[2]


class Heard(Reporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def drawing(number: int) -> Image.Image:
    image = Image.new("RGB", (90, 80), "white")
    pen = ImageDraw.Draw(image)
    for step in range(5):
        left, top = (number * 31 + step * 23) % 60 + 4, (number * 47 + step * 37) % 50 + 4
        colour = tuple((number * 60 + step * factor) % 220 for factor in (40, 90, 140))
        pen.ellipse((left, top, left + 20, top + 14 + step), fill=colour, outline="black")
    return image


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(5):
        drawing(number).save(folder / f"{number}.png")
    drawing(0).save(folder / "0-again.png", compress_level=0)  # the same pixels in other bytes
    return folder


@pytest.fixture
def dataset(tmp_path: Path, pictures: Path) -> Iterator[Dataset]:
    """Five drawings, one of them twice, through every stage up to shards."""
    root = tmp_path / "data"
    root.mkdir()
    (root / "manifest.toml").write_text(
        f"[[scrape]]\nsource = 'folder'\npath = '{pictures.as_posix()}'\n[dedup]\ndistance = 0\n[shard]\nsize = 32\nvalidation = 0\n"
    )
    made = Dataset(root)
    with made.writing("test"):
        through(made, "scrape", "measure", "classify", "filter", "dedup", "review", "shard")
        yield made


def through(dataset: Dataset, *names: str) -> None:
    for name in names:
        steps.STEPS[name](dataset, steps.Options(1))


def ids(dataset: Dataset) -> dict[str, str]:
    seen = dataset.catalog.sightings()
    return dict(zip(seen["title"], seen["id"], strict=True))


def leftovers(root: Path, id: str, sha256: str) -> list[str]:
    """Files that still name the item or lie under its digest; shards and the tombstone aside."""
    found = [
        path for path in root.rglob("*") if path.is_file() and "shards" not in path.parts and not path.name.startswith("catalog.sqlite")
    ]
    return [path.name for path in found if sha256 in path.name or id.encode() in path.read_bytes()]


def test_bytes_rows_and_views_are_gone_and_a_tombstone_stays(dataset: Dataset) -> None:
    id = ids(dataset)["1"]
    items, measured = dataset.catalog.items().set_index("id"), dataset.catalog.measurements().set_index("id")
    (dataset.reports / "augment.png").write_bytes(b"a sheet that may show it")
    found = forget.forget(dataset, id, "asked\nby the artist")
    assert (found.ids, found.held, found.before) == ([id], ["shards/tfrecord-32"], False)
    assert leftovers(dataset.root, id, items.at[id, "sha256"]) == []
    assert not (dataset.reports / "augment.png").exists()
    assert id not in dataset.catalog.ids()
    for table in (dataset.catalog.measurements(), dataset.catalog.sightings(), dataset.catalog.clusters()):
        assert id not in set(table["id"])
    (stone,) = dataset.catalog.tombstones()
    assert (stone.id, stone.sha256, stone.pixels) == (id, items.at[id, "sha256"], measured.at[id, "pixels"])
    assert (stone.phash, stone.reason, stone.erased) == (measured.at[id, "phash"], "asked by the artist", True)
    dataset.close()
    assert measured.at[id, "signature"] not in (dataset.root / "catalog.sqlite").read_bytes(), "its thumbnail is overwritten"


def test_the_same_pixels_in_other_bytes_go_too(dataset: Dataset) -> None:
    known = ids(dataset)
    assert forget.look(dataset, known["0"]).ids == sorted([known["0"], known["0-again"]])
    forget.forget(dataset, known["0"])
    assert set(ids(dataset)) == {"1", "2", "3", "4"}
    assert len(dataset.catalog.tombstones()) == 2


def test_what_dedup_takes_for_the_same_picture_is_named_only(dataset: Dataset, pictures: Path) -> None:
    drawing(2).resize((180, 160), Image.Resampling.BICUBIC).save(pictures / "2-large.png")
    through(dataset, "scrape", "measure", "classify", "filter", "dedup")
    known = ids(dataset)
    assert forget.forget(dataset, known["2"]).cluster == [known["2-large"]]
    assert "2-large" in ids(dataset)
    through(dataset, "classify", "filter", "dedup", "review")
    assert "2-large" in {picture.title for picture in steps.curated(dataset)}


def test_it_does_not_come_back_from_a_folder(dataset: Dataset, pictures: Path) -> None:
    known = ids(dataset)
    forget.forget(dataset, known["1"])
    through(dataset, "scrape")
    assert known["1"] not in dataset.catalog.ids()
    failures = dataset.catalog.failures()
    assert list(failures["error"]) == ["forgotten"]
    drawing(1).save(pictures / "sneaked in.webp", lossless=True)
    Image.open(pictures / "1.png").point(lambda value: min(255, value + 3)).save(pictures / "alike.png")
    through(dataset, "scrape")
    assert "sneaked in" in ids(dataset)
    heard = Heard()
    alike = ids(dataset)["alike"]
    summary = steps.measure(dataset, steps.Options(1, report=heard))
    assert len(summary["taken down again"]) == 1
    assert "sneaked in" not in ids(dataset)
    assert any(note.startswith(f"{alike}: looks like {known['1']}") for note in heard.notes)
    assert {state.name: state.state for state in stages.state(dataset)}["measure"] == "fresh"


def test_it_does_not_come_back_from_a_site(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    body = b"the bytes of a picture"
    sha256 = images.digest(body)
    catalog.put_item("i1", sha256, "png", len(body), 1.0)
    catalog.forget([Tombstone("i1", sha256, "png", None, None, "", [], True, 2.0)])
    file = tmp_path / "fetched.tmp"
    file.write_bytes(body)
    store = Store(catalog, tmp_path / "pages", ImageStore(tmp_path), tmp_path / "scratch")
    fetched = Fetched("http://a/b.png", "http://a/b.png", 200, sha256=sha256, size=len(body), extension="png", content=file)
    kept = store.keep("image", fetched)
    assert (kept.error, kept.sha256, kept.size) == (FORGOTTEN, None, None)
    assert not (tmp_path / "images").exists()
    store.put_rows([("image", kept)])
    again = store.recall("http://a/b.png", "image")
    assert again is not None
    assert again.fetched.error == FORGOTTEN
    catalog.close()


def test_shards_of_every_format_are_named(dataset: Dataset) -> None:
    dataset.write_manifest(dataset.manifest.text.replace("[shard]", "[shard]\nformat = ['webdataset', 'imagefolder', 'stylegan']"))
    through(dataset, "shard")
    found = forget.forget(dataset, ids(dataset)["2"])
    every = [f"shards/{kind}-32" for kind in ("imagefolder", "stylegan", "tfrecord", "webdataset")]
    assert found.held == every
    through(dataset, "measure", "classify", "filter", "dedup", "review", "shard")
    assert [line.partition(":")[0] for line in forget.left(dataset)] == ["shards/tfrecord-32"]  # the manifest asks for it no more
    dataset.close()


def test_shards_and_runs_are_named_until_they_are_made_anew(dataset: Dataset) -> None:
    from pipeline.train import data, presets
    from pipeline.train.config import RunConfig

    shards = data.inspect(dataset.shards / "tfrecord-32", (32,))
    for name, digest in (("on-these", shards.digest), ("on-others", "0" * 64)):
        run = dataset.runs / name
        run.mkdir(parents=True)
        RunConfig(presets.load("dcgan")(preset="dcgan"), shards.name, digest, 5, 32, 8, "float32").write(run)
    (dataset.root / "data.warc.gz").write_bytes(b"an archive")
    id = ids(dataset)["3"]
    found = forget.forget(dataset, id)
    assert found.held == ["shards/tfrecord-32", "runs/on-others", "runs/on-these", "data.warc.gz"]
    dataset.close()
    _, problems = verification.verify(str(dataset.root), SILENT)
    assert [problem.partition(":")[0] for problem in problems if id in problem] == found.held
    through(dataset, "measure", "classify", "filter", "dedup", "review", "shard")
    time.sleep(0.01)
    (dataset.root / "data.warc.gz").write_bytes(b"a new archive")
    assert [line.partition(":")[0] for line in forget.left(dataset)] == ["runs/on-others", "runs/on-these"]
    for name in ("on-these", "on-others"):
        (dataset.runs / name / "config.json").unlink()
        (dataset.runs / name).rmdir()
    assert forget.left(dataset) == []


def test_unknown_ids_are_refused_and_a_second_call_is_none(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match=r"i0000: no item of .*summary.csv lists the ids"):
        forget.forget(dataset, "i0000")
    id = ids(dataset)["4"]
    forget.forget(dataset, id, "first")
    again = forget.forget(dataset, id, "second")
    assert again.before
    assert [stone.reason for stone in dataset.catalog.tombstones()] == ["first"]


def test_all_that_was_made_from_it_is_stale(dataset: Dataset) -> None:
    forget.forget(dataset, ids(dataset)["4"])
    states = {state.name: state.state for state in stages.state(dataset)}
    assert states["scrape"] == "fresh"
    assert {states[name] for name in ("measure", "classify", "filter", "dedup", "review", "shard")} == {"stale"}


KILL = """
import os, sys
sys.path.insert(0, {root!r})
import pipeline.forget as forget
from pipeline import chain
from pipeline.catalog import Catalog
from pathlib import Path
place, id, folder = sys.argv[1:]
def die(*args, **named):
    os._exit(9)
if place == "rows":  # in the middle of the transaction
    forget.StageRecord = die
elif place == "file":
    Path.unlink = die
elif place == "views":
    forget._views = die
elif place == "mark":
    Catalog.erased = die
with chain.opened(chain.existing(folder, []), print) as held:
    forget.forget(held, id, "killed")
"""


@pytest.mark.parametrize("place", ["rows", "file", "views", "mark"])
def test_a_kill_at_any_step_is_made_good_by_the_same_command(dataset: Dataset, place: str) -> None:
    id = ids(dataset)["1"]
    sha256 = dataset.catalog.items().set_index("id").at[id, "sha256"]
    script, copy = dataset.root.parent / "kill.py", dataset.root.parent / "copy"
    script.write_text(KILL.format(root=str(ROOT)))
    dataset.close()
    # the fixture holds the lock: the child works on a copy
    shutil.copytree(dataset.root, copy)
    done = subprocess.run([sys.executable, str(script), place, id, str(copy)], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    with chain.opened(chain.existing(str(copy), []), print) as held:
        known = id in held.catalog.ids()
        assert known == (place == "rows")
        forget.forget(held, id, "again")
        assert leftovers(copy, id, sha256) in ([], [".lock.json"])
        assert [stone.erased for stone in held.catalog.tombstones()] == [True]
        assert not [line for line in forget.left(held) if "not all is erased" in line]


def test_what_a_person_wrote_into_the_reports_is_not_lost_by_it(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    known = ids(dataset)
    with monkeypatch.context() as broken:
        broken.setattr(forget, "finish", lambda dataset: None)
        forget.forget(dataset, known["1"])
    path = dataset.reports / "filter.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([lines[0], *(line + "drop" for line in lines[1:])]) + "\n", encoding="utf-8")
    copy = dataset.root.parent / "copy"
    dataset.close()
    shutil.copytree(dataset.root, copy)
    with chain.opened(chain.existing(str(copy), []), print) as held:
        assert set(stages.verdicts_in_force(held).keep) >= set(held.catalog.ids())
        assert held.catalog.tombstones()[0].erased


def test_the_next_command_that_writes_finishes_what_was_cut_short(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    id = ids(dataset)["1"]
    with monkeypatch.context() as broken:
        broken.setattr(forget, "finish", lambda dataset: None)
        forget.forget(dataset, id)
    assert any("not all is erased" in line for line in forget.left(dataset))
    forget.finish(dataset)
    assert not any("not all is erased" in line for line in forget.left(dataset))
