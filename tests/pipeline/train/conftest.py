"""Small shards and settings for the tests of training."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.report import Reporter
from pipeline.shards import protobuf, tfrecord
from pipeline.train import backends, presets


@pytest.fixture
def settings() -> Callable[..., presets.TrainSettings]:
    """A preset's settings made small: 4 channels, 8 latents, batches of 8, on the CPU's plain float32."""

    def make(preset: str = "dcgan", **changes: Any) -> presets.TrainSettings:
        small = {"channels": 4, "latent": 8, "batch": 8, "precision": "float32", "kimg": 0.064, "evaluate_kimg": 0, "jit": "off"} | changes
        return presets.load(preset).model_validate(small)

    return make


class Notes(Reporter):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def notes() -> Notes:
    """A reporter whose `said` holds every note."""
    return Notes()


@pytest.fixture
def cheap_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of TensorFlow that need no compiling: they count, and add the mean of what they are shown to the losses and to a weight.

    For what goes on around steps; the tests of each backend are about the true ones.
    """
    backend = backends.load("tensorflow")

    def make_step(gan: Any, *_: Any, **__: Any) -> Callable[[Any], None]:
        weight = gan.generator.trainable_variables[0]

        def step(real: Any) -> None:
            shown = float(np.mean(real))
            gan.steps.assign_add(1)
            gan.sums.assign_add(np.array([1, shown, shown, 0.5, 0.5, 0.5], np.float32))
            weight.assign(np.asarray(weight) + np.float32(shown * gan.rates()["learning_rate_g"]))

        return step

    monkeypatch.setattr(backend, "make_step", make_step)


@pytest.fixture
def shards(tmp_path: Path) -> Callable[..., Path]:
    """A folder of training shards; picture n is all of value n (mod 256)."""

    def make(images: int = 20, size: int = 32, files: int = 2, name: str = "dots", folder: str = "shards") -> Path:
        out = tmp_path / folder
        out.mkdir(exist_ok=True)
        shape = {"dimensions": [str(size), str(size), "3"]}
        features = {"featuresDict": {"features": {"image": {"image": {"shape": shape, "dtype": "uint8", "encodingFormat": "png"}}}}}
        (out / "features.json").write_text(json.dumps(features), encoding="utf-8")
        for number in range(files):
            records = []
            for value in range(number, images, files):
                png = io.BytesIO()
                Image.new("RGB", (size, size), (value % 256,) * 3).save(png, "PNG")
                records.append(tfrecord.frame(protobuf.encode({"image": png.getvalue()})))
            (out / f"{name}-train.tfrecord-{number:05d}-of-{files:05d}").write_bytes(b"".join(records))
        return out

    return make
