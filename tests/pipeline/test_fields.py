from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipeline import fields
from pipeline.commands import app
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.shards import reader

COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of twelve squares, red and blue by series, sharded at 32 pixels with their mirror images."""
    root = tmp_path_factory.mktemp("fields")
    for number in range(12):
        series = "red" if number % 2 else "blue"
        blocks = Image.fromarray(np.random.default_rng(number).integers(0, 230, (5, 5, 3), np.uint8))
        picture = blocks.resize((100 + number, 100 + 3 * number), Image.Resampling.NEAREST)  # no two are alike, as dedup sees it
        picture.paste(COLOURS[series], (36, 36, 76, 76))
        (root / "art" / series).mkdir(parents=True, exist_ok=True)
        picture.save(root / "art" / series / f"{number}.png")
    recipe = f'schema = 1\nname = "squares"\n[[scrape]]\nsource = "folder"\npath = "{(root / "art").as_posix()}"\n'
    (root / "squares.toml").write_text(f"{recipe}[augment]\nmirror = true\n[shard]\nsize = 32\nvalidation = 0\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        done = CliRunner().invoke(app, ["run", "squares.toml", "--until", "shard", "--quiet"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return root / "datasets" / "squares"


@pytest.fixture
def squares(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "squares"))


@pytest.mark.parametrize(
    ("verdict", "augmentation", "expected"),
    [
        ("left", "", "left"),
        ("left", "mirror", "right"),
        ("right", "mirror brightness=1.10", "left"),
        ("left", "turned", "right"),
        ("left", "turned mirror", "left"),
        ("", "mirror", ""),
    ],
)
def test_a_side_is_turned_over_with_its_picture(verdict: str, augmentation: str, expected: str) -> None:
    assert fields.side(verdict, augmentation) == expected


def test_words_come_with_the_pictures_of_the_shards_beside_a_run(squares: Path) -> None:
    pictures, words = fields.read(squares / "runs" / "first", 32, "series")
    assert pictures.dtype == np.uint8
    assert pictures.shape == (12, 32, 32, 3)  # of a picture and its mirror image one
    assert sorted(words) == ["blue"] * 6 + ["red"] * 6
    for picture, word in zip(pictures, words, strict=True):
        assert np.abs(picture[14:18, 14:18].mean(axis=(0, 1)) - COLOURS[word]).max() < 90
    again, same = fields.read(Path("elsewhere"), 32, "label", squares / "shards" / "tfrecord-32")
    assert (again == pictures).all()
    assert same == words


def test_facing_follows_verdicts_and_mirroring(squares: Path) -> None:
    ids = sorted({row["id"] for row in reader.read(squares / "shards" / "tfrecord-32", "train")})
    Dataset(squares).review_path.write_text("id,aspect,value,note,when\n" + "".join(f"{id},facing,left,,\n" for id in ids[:2]))
    _, words = fields.read(squares / "runs" / "first", 32, "facing")
    assert sorted(words) == ["left", "right"]  # one as it is, and the mirror image of the other


def test_what_is_not_there_is_said(squares: Path, tmp_path: Path) -> None:
    run, folder = squares / "runs" / "first", squares / "shards" / "tfrecord-32"
    with pytest.raises(UsageError, match="give one of"):
        fields.read(run, 32, "title")
    with pytest.raises(UsageError, match="no shards of 64 pixels"):
        fields.read(run, 64, "label")
    with pytest.raises(PipelineError, match="not pictures of 64"):
        fields.read(run, 64, "label", folder)
    with pytest.raises(PipelineError, match="no picture has a word for facing"):
        fields.read(run, 32, "facing")
    with pytest.raises(UsageError, match="not a dataset"):
        fields.read(run, 32, "facing", Path(shutil.copytree(folder, tmp_path / "alone" / "shards" / "tfrecord-32")))
