from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow")

from pipeline import embed
from pipeline.errors import PipelineError, UsageError
from pipeline.report import SILENT
from pipeline.shards import protobuf, tfrecord
from pipeline.train import backends, checkpoints, data, presets
from pipeline.train.config import RunConfig
from pipeline.train.gan import Gan
from pipeline.train.metrics import evaluate as evaluating
from pipeline.train.metrics import inception

pytestmark = pytest.mark.skipif(not embed.available(), reason="the weights (extra embed) are not installed")


def write_shards(folder: Path, first: int = 0) -> Path:
    folder.mkdir(parents=True)
    shape = {"dimensions": ["32", "32", "3"]}
    features = {"featuresDict": {"features": {"image": {"image": {"shape": shape, "dtype": "uint8", "encodingFormat": "png"}}}}}
    (folder / "features.json").write_text(json.dumps(features), encoding="utf-8")
    records = []
    for number in range(first, first + 20):
        rng, png = np.random.default_rng(number), io.BytesIO()
        picture = np.full((32, 32, 3), 255, np.uint8)
        picture[rng.integers(12) :, rng.integers(12) :] = rng.integers(0, 220, 3)
        Image.fromarray(picture).save(png, "PNG")
        records.append(tfrecord.frame(protobuf.encode({"image": png.getvalue(), "id": f"<i>{number:03d}".encode()})))
    (folder / "dots-train.tfrecord-00000-of-00001").write_bytes(b"".join(records))
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was begun and not trained, with the shards beside it; its best generator is not its last."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    backends.load_any()
    write_shards(tmp_path / "shards" / "another-32", 50)
    shards = data.inspect(write_shards(tmp_path / "shards" / "tfrecord-32"), (32,))
    settings = presets.load("stable").model_validate({"channels": 4, "latent": 8, "batch": 8, "kimg": 1})
    run = tmp_path / "runs" / "a<b"
    RunConfig(settings, "dots", shards.digest, images=20, size=32, batch=8, precision="float32").write(run)
    gan = Gan(32, settings, "float32")
    checkpoints.save(run / "checkpoints", 9, gan.state(), {"step": 9, "kimg": 0.072})
    for weight in gan.sampler.trainable_variables:
        weight.assign(np.asarray(weight) * 1.5)
    checkpoints.write(run / "checkpoints" / checkpoints.BEST, gan.state(), {"step": 5, "kimg": 0.04, "scores": {}})
    checkpoints.save_generator(gan.sampler, run / checkpoints.GENERATOR)
    return run


def test_it_writes_a_table_data_and_a_page(run: Path) -> None:
    done = evaluating.evaluate(run, report=SILENT)
    assert done.about["shards"] == "dots"
    assert (done.about["checkpoint"], done.about["kimg"], done.about["samples"], done.about["real_split"]) == ("best", 0.04, 20, "train")
    table, text, page = (path.read_text(encoding="utf-8-sig") for path in done.files)
    rows = {row["score"]: row for row in csv.DictReader(io.StringIO(table))}
    assert float(rows["kid"]["value"]) == pytest.approx(done.scores["kid"], rel=1e-4)
    assert rows["nearest"]["real_halves"] == ""
    assert done.scores["path_length"] > 0
    everything = json.loads(text)
    assert everything["scores"] == done.scores
    assert len(everything["neighbours"]) == 20
    for one in everything["neighbours"]:
        far = [neighbour["distance"] for neighbour in one["training"]]
        assert far == sorted(far)
    assert "&lt;i&gt;0" in page
    assert "<i>" not in page
    assert "Evaluation of a&lt;b" in page
    assert "<script" not in page
    assert page.count("<img") == 20 * 4
    last = evaluating.evaluate(run, report=SILENT, checkpoint="last", count=16)
    assert (last.about["checkpoint"], last.about["kimg"], last.about["samples"]) == ("last", 0.072, 16)
    assert last.scores["kid"] != done.scores["kid"]


def test_what_cannot_be_found_is_said(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="best or last"):
        evaluating.evaluate(run, report=SILENT, checkpoint="first")
    with pytest.raises(PipelineError, match="No such file"):
        evaluating.evaluate(run, report=SILENT, inception=tmp_path / "none.pth")
    (tmp_path / "shards" / "tfrecord-32").rename(tmp_path / "moved")
    with pytest.raises(UsageError, match="name their folder with --shards"):
        evaluating.evaluate(run, report=SILENT)
    assert evaluating.evaluate(run, report=SILENT, shards=tmp_path / "moved", count=16).about["real"] == 20
    RunConfig.read(run).with_shards(tmp_path / "moved", run).write(run)
    assert evaluating.evaluate(run, report=SILENT, count=16).about["real"] == 20


def test_with_inception_there_are_fid_and_is(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Means:
        """Stands for the network: mean colours."""

        def __init__(self, path: Path) -> None:
            assert path.name == "w.pth"

        def __call__(self, pictures: np.ndarray) -> np.ndarray:
            return pictures.mean(axis=(1, 2))

        def probabilities(self, features: np.ndarray) -> np.ndarray:
            return features / features.sum(axis=1, keepdims=True)

    monkeypatch.setattr(inception, "Inception", Means)
    done = evaluating.evaluate(run, report=SILENT, inception=Path("w.pth"))
    assert done.scores["fid"] > 0
    assert 1 <= done.scores["inception_score"] <= 3
    assert (done.about["inception"], done.about["inception_splits"], done.about["fid_real"]) == ("w.pth", 1, 20)
    assert "\nfid," in done.files[0].read_text(encoding="utf-8-sig")
