from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.train import data
from pipeline.train.metrics import color, reals

Make = Callable[..., Path]


class Means:
    """Stands for the embedder: the mean of each picture, and how many it was shown."""

    shown = 0

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        self.shown += len(pictures)
        return pictures.mean(axis=(1, 2, 3), dtype=np.float32)[:, None].repeat(1280, axis=1)


def read(folder: Path, split: str, embedder: Any) -> reals.Reals:
    return reals.read(data.inspect(folder, (32,)), split, embedder)


def test_augmented_copies_are_left_out_and_turned_pictures_are_not(drawn: Make) -> None:
    shards = data.inspect(drawn(range(30), range(50, 53), copies=2), (32,))
    assert shards.images == 32
    found = reals.read(shards, reals.TRAIN, Means())  # type: ignore[arg-type]
    assert sorted(found.ids) == [f"i{number:03d}" for number in range(30)]
    held_out = reals.read(shards, reals.VALIDATION, Means())  # type: ignore[arg-type]
    assert held_out.ids == ("i050", "i051", "i052")
    again = reals.pictures(shards, reals.TRAIN, found.ids)
    assert again.mean(axis=(1, 2, 3)) == pytest.approx(found.embeddings[:, 0], rel=1e-5)
    assert (color.colors(again) == found.colors).all()
    assert len(np.unique(again.reshape(30, -1), axis=0)) == 30


def test_they_are_embedded_once_until_the_shards_change(drawn: Make, cache: Path) -> None:
    folder, embedder = drawn(range(20)), Means()
    first = read(folder, reals.TRAIN, embedder)
    second = read(folder, reals.TRAIN, embedder)
    assert embedder.shown == 20
    assert (first.ids, first.embeddings.tolist(), first.colors.tolist()) == (second.ids, second.embeddings.tolist(), second.colors.tolist())
    assert sorted(path.name for path in folder.iterdir()) == [  # `pipeline verify` would wonder at anything else there
        "features.json",
        "figures-train.tfrecord-00000-of-00002",
        "figures-train.tfrecord-00001-of-00002",
    ]
    read(drawn(range(1, 21), folder="other"), reals.TRAIN, embedder)
    assert embedder.shown == 40
    for path in cache.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:500])
    assert read(folder, reals.TRAIN, embedder).ids == first.ids
    assert embedder.shown == 60


def test_of_many_evenly_spaced_ones_are_taken(drawn: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reals, "MOST", 5)
    assert read(drawn(range(0, 42, 2)), reals.TRAIN, Means()).ids == ("i000", "i020", "i040", "i018", "i038")


def test_a_split_that_is_not_there_is_empty_and_a_damaged_shard_is_named(drawn: Make) -> None:
    folder = drawn(range(4))
    assert len(read(folder, reals.VALIDATION, Means())) == 0
    shards = data.inspect(folder, (32,))
    path = folder / "figures-train.tfrecord-00001-of-00002"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40] + b"\0" * 40)
    with pytest.raises(PipelineError, match="00001-of-00002: record 2: its data is damaged"):
        reals.read(shards, reals.TRAIN, Means())  # type: ignore[arg-type]
