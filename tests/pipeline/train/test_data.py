from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import PipelineError, UsageError
from pipeline.train import data

Make = Callable[..., Path]
SIZES = (32, 64)


def test_shards_are_counted_and_named(shards: Make) -> None:
    found = data.inspect(shards(images=21, files=3), SIZES)
    assert (found.name, found.images, found.size, len(found.files)) == ("dots", 21, 32, 3)


def test_the_digest_follows_the_bytes(shards: Make) -> None:
    assert data.inspect(shards(), SIZES).digest == data.inspect(shards(folder="again"), SIZES).digest
    assert data.inspect(shards(), SIZES).digest != data.inspect(shards(images=21, folder="more"), SIZES).digest


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


def test_memory_is_no_more_than_a_container_is_granted(tmp_path: Path, shards: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(data, "LIMITS", (limit, tmp_path / "missing"))
    machine = data.memory()
    limit.write_text("max\n", encoding="ascii")
    assert data.memory() == machine > 2**20
    limit.write_text(f"{2**20}\n", encoding="ascii")
    found = data.inspect(shards(), SIZES)
    assert (data.memory(), data.room(found, 0.5)) == (2**20, 170)
    assert data.fits(found)
    limit.write_text(f"{2**16}\n", encoding="ascii")
    assert not data.fits(found)
