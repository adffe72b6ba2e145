from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow")

from pipeline.shards import protobuf, tfrecord
from pipeline.train.watch import peek

Make = Callable[..., Path]


def test_pictures_come_in_the_order_of_the_shards(shards: Make) -> None:
    found = peek.pictures(shards(images=10, files=2), "dots", "train", 32, 100)
    assert found.shape == (10, 32, 32, 3)
    assert found[:, 0, 0, 0].tolist() == [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    assert found.dtype == np.uint8


def test_no_more_than_asked_for_and_none_of_another_set_or_size(shards: Make) -> None:
    folder = shards()
    assert len(peek.pictures(folder, "dots", "train", 32, 3)) == 3
    assert peek.pictures(folder, "other", "train", 32, 3).shape == (0, 32, 32, 3)
    assert len(peek.pictures(folder, "dots", "train", 64, 3)) == 0


def test_held_out_pictures_are_those_of_the_first_split_there_is(shards: Make) -> None:
    folder = shards(files=1)
    assert len(peek.held_out(folder, "dots", 32, 9)) == 0
    (shard,) = folder.glob("*-train*")
    shard.rename(shard.with_name(shard.name.replace("train", "test")))
    assert len(peek.held_out(folder, "dots", 32, 9)) == 9


def test_what_cannot_be_read_is_left_out(shards: Make) -> None:
    folder = shards(images=3, files=1)
    (shard,) = folder.glob("*-train*")
    data = bytearray(shard.read_bytes())
    data[20:40] = b"\xff" * 20  # in the first record
    shard.write_bytes(data[:-30])  # and the last one is cut short
    assert peek.pictures(folder, "dots", "train", 32, 9)[:, 0, 0, 0].tolist() == [1]


def test_augmented_copies_are_left_out(tmp_path: Path) -> None:
    png = io.BytesIO()
    Image.new("RGB", (32, 32)).save(png, "PNG")
    kinds = ["", "mirror", "turned", "brightness=1.10"]
    records = [tfrecord.frame(protobuf.encode({"image": png.getvalue(), "augmentation": kind.encode()})) for kind in kinds]
    (tmp_path / "dots-train.tfrecord-00000-of-00001").write_bytes(b"".join(records))
    assert len(peek.pictures(tmp_path, "dots", "train", 32, 9)) == 2
