from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from pipeline.errors import PipelineError, UsageError
from pipeline.report import SILENT
from pipeline.train import samples
from pipeline.train.loop import train
from pipeline.train.presets import TrainSettings
from pipeline.train.use.generate import generate


@pytest.fixture
def run(shards: Callable[..., Path], tmp_path: Path, settings: Callable[..., TrainSettings]) -> Path:
    made = settings(kimg=0.016, ema=0.01, learning_rate_g=0.03)  # fast, so that its pictures and its average soon differ
    found: Path = train(shards(), tmp_path / "runs", made, name="r", resume=False, report=SILENT)["run"]
    return found


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_pictures_follow_the_seed_alone(drawable: Path, tmp_path: Path) -> None:
    three = generate(drawable, count=3, seed=1, grid=False, out=tmp_path / "three")
    assert [path.name for path in three] == ["seed1-00000.png", "seed1-00001.png", "seed1-00002.png"]
    assert _pixels(three[0]).shape == (32, 32, 3)
    assert len({path.read_bytes() for path in three}) == 3
    twenty = generate(drawable, count=20, seed=1, grid=False, out=tmp_path / "twenty")
    assert [path.read_bytes() for path in twenty[:3]] == [path.read_bytes() for path in three]
    other = generate(drawable, count=1, seed=2, grid=False, out=tmp_path / "other")
    assert not (_pixels(other[0]) == _pixels(three[0])).all()


def test_they_come_from_the_averaged_generator_of_the_run(run: Path, tmp_path: Path) -> None:
    from pipeline.train.config import RunConfig
    from pipeline.train.recorder import Recorder

    gan = Recorder(run, RunConfig.read(run)).gan
    assert gan.average is not None
    noise = samples.latents("uniform", 1, 8, 5)
    found = _pixels(generate(run, count=1, seed=5, grid=False, out=tmp_path)[0])
    assert (found == samples.draw(gan.average, noise)[0]).all()
    assert not (found == samples.draw(gan.generator, noise)[0]).all()


def test_a_grid_is_one_file_named_or_in_a_folder(drawable: Path, tmp_path: Path) -> None:
    assert generate(drawable, count=4, seed=0, grid=True, out=tmp_path / "sheet.png") == [tmp_path / "sheet.png"]
    assert _pixels(tmp_path / "sheet.png").shape == (64, 64, 3)
    assert generate(drawable, count=4, seed=0, grid=True, out=tmp_path / "g") == [tmp_path / "g" / "grid-seed0.png"]


def test_what_cannot_be_generated_from_is_named(drawable: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(drawable, tmp_path / "run"))
    with pytest.raises(PipelineError, match="not a training run"):
        generate(tmp_path, count=1, seed=0, grid=False, out=tmp_path)
    with pytest.raises(UsageError, match="count 0"):
        generate(run, count=0, seed=0, grid=False, out=tmp_path)
    weights = run / "generator.weights.h5"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(PipelineError, match=r"generator\.weights\.h5: cannot be read"):
        generate(run, count=1, seed=0, grid=False, out=tmp_path)
    weights.unlink()
    with pytest.raises(PipelineError, match="no generator yet"):
        generate(run, count=1, seed=0, grid=False, out=tmp_path)
