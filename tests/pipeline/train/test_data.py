from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import PipelineError, UsageError
from pipeline.train import data

Make = Callable[..., Path]
SIZES = (32, 64)


def _values(shards: data.ShardSet, batch: int, steps: int, seed: int = 0, first_step: int = 0) -> list[list[int]]:
    """Which pictures the first steps see, by their value."""
    taken = itertools.islice(data.batches(shards, batch, seed, first_step), steps)
    return [np.rint((pictures.numpy()[:, 0, 0, 0] + 1) * 127.5).astype(int).tolist() for pictures in taken]


def test_shards_are_counted_and_named(shards: Make) -> None:
    found = data.inspect(shards(images=21, files=3), SIZES)
    assert (found.name, found.images, found.size, len(found.files)) == ("dots", 21, 32, 3)


def test_the_digest_follows_the_bytes(shards: Make) -> None:
    assert data.inspect(shards(), SIZES).digest == data.inspect(shards(folder="again"), SIZES).digest
    assert data.inspect(shards(), SIZES).digest != data.inspect(shards(images=21, folder="more"), SIZES).digest


def test_batches_are_pictures_between_minus_one_and_one(shards: Make) -> None:
    batch = next(iter(data.batches(data.inspect(shards(images=256), SIZES), 256, seed=0))).numpy()
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
    batches = iter(data.batches(found, 8, seed=0))
    next(batches)
    found.files[0].unlink()
    for _ in range(20):
        next(batches)


def test_a_set_that_does_not_fit_is_streamed_in_the_same_way(shards: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.inspect(shards(images=20), SIZES)
    cached = _values(found, 7, 9)
    monkeypatch.setattr(data, "memory", lambda: 1000)
    assert _values(found, 7, 9) == cached


def test_what_is_not_a_folder_of_shards_is_refused(tmp_path: Path, shards: Make) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        data.inspect(tmp_path / "nowhere", SIZES)
    with pytest.raises(UsageError, match="no training shards"):
        data.inspect(tmp_path, SIZES)
    folder = shards()
    (folder / "features.json").unlink()
    with pytest.raises(UsageError, match=r"no features\.json"):
        data.inspect(folder, SIZES)


def test_a_missing_shard_is_noticed(shards: Make) -> None:
    folder = shards(files=3)
    (folder / "dots-train.tfrecord-00001-of-00003").unlink()
    with pytest.raises(PipelineError, match="2 of 3 training shards"):
        data.inspect(folder, SIZES)


def test_two_sets_in_a_folder_are_refused(shards: Make) -> None:
    shards()
    with pytest.raises(PipelineError, match="several sets"):
        data.inspect(shards(name="stripes"), SIZES)


def test_an_empty_split_is_refused(shards: Make) -> None:
    with pytest.raises(PipelineError, match="empty"):
        data.inspect(shards(images=0), SIZES)


def test_a_size_without_networks_is_refused(shards: Make) -> None:
    with pytest.raises(PipelineError, match="pictures of 48 pixels; the networks are made for 32, 64"):
        data.inspect(shards(size=48), SIZES)


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_a_shard_cut_short_is_named(shards: Make, cut: int) -> None:
    folder = shards(files=1)
    path = folder / "dots-train.tfrecord-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(PipelineError, match=r"tfrecord-00000-of-00001: cut short or damaged after 19 records"):
        data.inspect(folder, SIZES)


@pytest.mark.parametrize("text", ["", "{}", '{"featuresDict": {"features": {"text": {}}}}'])
def test_features_without_an_image_are_named(shards: Make, text: str) -> None:
    folder = shards()
    (folder / "features.json").write_text(text)
    with pytest.raises(PipelineError, match=r"features\.json: does not describe"):
        data.inspect(folder, SIZES)
