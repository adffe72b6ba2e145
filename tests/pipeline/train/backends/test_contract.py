"""What every backend must do alike. Run once with each that is installed: a process has one, the one that KERAS_BACKEND names."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.train import backends, data

NAME = os.environ.get("KERAS_BACKEND", "tensorflow")
if not backends.is_installed(NAME):
    pytest.skip(f"{NAME} is not installed", allow_module_level=True)
BACKEND = backends.load(NAME)

Make = Callable[..., Path]
SIZES = (32, 64)


def _array(tensor: Any) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(tensor))


def _values(shards: data.ShardSet, batch: int, steps: int, seed: int = 0, first_step: int = 0) -> list[list[int]]:
    """Which pictures the first steps see, by their value."""
    taken = itertools.islice(BACKEND.batches(shards, batch, seed, first_step), steps)
    return [np.rint((_array(pictures)[:, 0, 0, 0] + 1) * 127.5).astype(int).tolist() for pictures in taken]


def test_batches_are_pictures_between_minus_one_and_one(shards: Make) -> None:
    batch = _array(next(iter(BACKEND.batches(data.inspect(shards(images=256), SIZES), 256, seed=0))))
    assert batch.shape == (256, 32, 32, 3)
    assert batch.dtype == np.float32
    assert (batch.min(), batch.max()) == (-1, 1)
    assert (batch == batch[:, :1, :1, :1]).all()


def test_an_epoch_shows_every_picture_once_in_an_order_of_its_own(shards: Make) -> None:
    found = data.inspect(shards(images=20), SIZES)
    steps = _values(found, 5, 8)
    first, second = (list(itertools.chain(*part)) for part in (steps[:4], steps[4:]))
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert first != list(range(20))
    assert _values(found, 5, 4, seed=1) != steps[:4]


@pytest.mark.parametrize("first_step", [1, 2, 3, 7])
def test_a_step_sees_the_same_pictures_however_the_run_was_cut(shards: Make, first_step: int) -> None:
    found = data.inspect(shards(images=20), SIZES)
    whole = _values(found, 7, 9)
    assert _values(found, 7, 9 - first_step, first_step=first_step) == whole[first_step:]


def test_a_set_that_fits_into_memory_is_decoded_once(shards: Make) -> None:
    found = data.inspect(shards(images=8, files=1), SIZES)
    batches = iter(BACKEND.batches(found, 8, seed=0))
    next(batches)
    found.files[0].unlink()
    for _ in range(20):
        next(batches)


def test_a_set_that_does_not_fit_is_streamed_in_the_same_way(shards: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.inspect(shards(images=20), SIZES)
    cached = _values(found, 7, 9)
    monkeypatch.setattr(data, "memory", lambda: 1000)
    assert _values(found, 7, 9) == cached
