"""Shards with originals and copies in two splits, for the tests of metrics; and a cache of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.shards import protobuf, tfrecord

SIZE = 32


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    return tmp_path / "cache"


def figure(number: int, size: int = SIZE) -> np.ndarray:
    """A rectangle whose place, size and colour depend on the last three digits of the number."""
    rng = np.random.default_rng(number % 1000)
    picture = np.full((size, size, 3), 255, np.uint8)
    left, top, width, height = rng.integers(2, 12, size=4)
    picture[top : top + height + 4, left : left + width + 4] = rng.integers(0, 220, size=3)
    return picture


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Path]:
    """Shards of figures: numbers `train` and `validation`, and so many augmented copies of the first training picture."""

    def record(number: int, augmentation: str = "") -> bytes:
        png = io.BytesIO()
        Image.fromarray(figure(number) if not augmentation else 255 - figure(number)).save(png, "PNG")
        fields = {"image": png.getvalue(), "id": f"i{number:03d}".encode(), "augmentation": augmentation.encode(), "width": SIZE}
        return tfrecord.frame(protobuf.encode(fields))

    def make(train: Iterable[int] = range(40), validation: Iterable[int] = (), copies: int = 0, folder: str = "figures") -> Path:
        out = tmp_path / folder
        out.mkdir()
        shape = {"dimensions": [str(SIZE), str(SIZE), "3"]}
        features = {"featuresDict": {"features": {"image": {"image": {"shape": shape, "dtype": "uint8", "encodingFormat": "png"}}}}}
        (out / "features.json").write_text(json.dumps(features), encoding="utf-8")
        numbers = list(train)
        records = [record(number, "turned" if number == numbers[-1] else "") for number in numbers]
        records += [record(numbers[0], f"brightness=0.{8 + copy}") for copy in range(copies)]
        (out / "figures-train.tfrecord-00000-of-00002").write_bytes(b"".join(records[::2]))
        (out / "figures-train.tfrecord-00001-of-00002").write_bytes(b"".join(records[1::2]))
        held_out = [record(number) for number in validation]
        if held_out:
            (out / "figures-validation.tfrecord-00000-of-00001").write_bytes(b"".join(held_out))
        return out

    return make
