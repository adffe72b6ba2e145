"""Small shards and settings for the tests of training."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.shards import protobuf, tfrecord
from pipeline.train import presets


@pytest.fixture
def settings() -> Callable[..., presets.TrainSettings]:
    """A preset's settings made small: 4 channels, 8 latents, batches of 8, on the CPU's plain float32."""

    def make(preset: str = "dcgan", **changes: Any) -> presets.TrainSettings:
        small = {"channels": 4, "latent": 8, "batch": 8, "precision": "float32", "kimg": 0.064, "evaluate_kimg": 0, "jit": "off"} | changes
        return presets.load(preset).model_validate(small)

    return make


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
