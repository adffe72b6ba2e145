"""augment, shard, train, generate on a folder of drawings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[3]


@pytest.fixture
def curated(pipeline: Callable, recipe: Path, tmp_path: Path) -> Path:  # type: ignore[type-arg]
    outcome = pipeline("run", recipe, "--until", "dedup", "--quiet")
    assert outcome.code == 0, outcome.err
    return tmp_path / "datasets" / "shapes"


def test_augment_draws_a_sheet(curated: Path, pipeline: Callable, tmp_path: Path) -> None:  # type: ignore[type-arg]
    outcome = pipeline("augment", "shapes", "--count", "5", "--set", "augment.mirror=true", "--out", "sheet.png")
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > sheet.width  # five rows of: as stored, padded, mirrored


def test_train_and_generate(curated: Path, pipeline: Callable, tmp_path: Path) -> None:  # type: ignore[type-arg]
    pytest.importorskip("tensorflow", reason="training needs TensorFlow")
    assert pipeline("shard", "shapes").code == 0
    small = [
        word
        for key in ("kimg=0.06", "batch=8", "channels=4", "latent=8", "precision=float32", "r1_gamma=0")
        for word in ("--set", f"train.{key}")
    ]
    outcome = pipeline("train", "shapes", "--json", *small)
    assert outcome.code == 0, outcome.err
    assert "on CPU in float32" in outcome.err
    run = curated / json.loads(outcome.out)["run"]
    assert (run / "metrics.csv").exists()
    assert (run / "timelapse.gif").exists()
    assert json.loads(pipeline("status", "shapes", "--json").out)["stages"]["train"]["state"] == "fresh"
    assert "up to date" in pipeline("run", "shapes").out
    outcome = pipeline("generate", run, "--count", "4", "--grid", "--seed", "3", "--out", "grid.png")
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.size == (64, 64)
    assert pipeline("generate", run.name, "--count", "3").code == 0
    assert len(list((run / "generated").rglob("*.png"))) == 3


def test_formats_are_shown_and_training_says_what_it_reads(curated: Path, pipeline: Callable) -> None:  # type: ignore[type-arg]
    outcome = pipeline("shard", "shapes", "--set", 'shard.format=["webdataset", "stylegan"]')
    assert outcome.code == 0, outcome.err
    shown = [" ".join(line.split()) for line in outcome.out.splitlines()]
    assert {"folders: webdataset shards/webdataset-32", "folders: stylegan shards/stylegan-32"} <= set(shown)
    assert any(line.startswith("examples: train ") for line in shown)
    assert "such as" not in outcome.out
    assert pipeline("verify", "shapes").code == 0
    assert pipeline("verify", curated / "shards" / "stylegan-32").code == 0
    assert json.loads(pipeline("status", "shapes", "--json").out)["stages"]["shard"]["state"] == "fresh"
    outcome = pipeline("train", "shapes")
    asked = '["tfrecord","webdataset","stylegan"]'
    assert outcome.code == 1
    assert "sharded as webdataset, stylegan, and training reads tfrecord; run `pipeline shard " in outcome.err
    assert outcome.err.endswith(f"shapes --set 'shard.format={asked}'`\n")
    outcome = pipeline("train", curated / "shards" / "stylegan-32")
    assert outcome.code == 1
    assert "sharded as stylegan, and training reads tfrecord; run `pipeline shard DATASET" in outcome.err
    outcome = pipeline("shard", "shapes", "--set", f"shard.format={asked}", "--json")
    assert json.loads(outcome.out)["rewritten"]["webdataset"] == 0


def test_train_on_shards_alone(curated: Path, pipeline: Callable, tmp_path: Path) -> None:  # type: ignore[type-arg]
    pytest.importorskip("tensorflow", reason="training needs TensorFlow")
    assert pipeline("shard", "shapes").code == 0
    small = [word for key in ("kimg=0.004", "batch=4", "channels=4", "latent=8", "precision=float32") for word in ("--set", f"train.{key}")]
    outcome = pipeline("train", curated / "shards" / "tfrecord-32", "--name", "mine", "--json", *small)
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "runs" / "mine" / "config.json").exists()


def test_train_without_tensorflow_says_how_to_get_it(curated: Path, pipeline: Callable, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("shard", "shapes").code == 0
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "sys.argv = ['pipeline', 'train', 'shapes']\nimport cli; cli.app()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("pipeline: ")
    assert "pip install 'art-pipeline[train]'" in done.stderr
