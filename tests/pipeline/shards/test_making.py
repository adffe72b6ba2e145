from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import PipelineError
from pipeline.manifest import ShardSettings
from pipeline.shards import encode
from pipeline.shards.example import Picture
from pipeline.shards.formats.imagefolder import ImageFolder
from pipeline.shards.formats.stylegan import StyleGAN
from pipeline.shards.verify import verify

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., ShardSettings]


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_parts_are_there_when_binding_failed(make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(StyleGAN, "write", full)
        with pytest.raises(PipelineError, match=r"set: cannot be written \(No space left on device\); make room"):
            put(make(6), tmp_path / "set", shard(format="stylegan", shards=2))
    assert not (tmp_path / "set").exists()
    monkeypatch.setattr(encode, "run", full)  # nothing has to be encoded again
    put(make(6), tmp_path / "set", shard(format="stylegan", shards=2))
    assert verify(tmp_path / "set") == []
    assert sorted(path.name for path in (tmp_path / "set").iterdir() if path.is_dir()) == ["records"]


def test_one_format_that_fails_leaves_all_as_they_were(make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    settings = shard(format=["tfrecord", "imagefolder"], shards=2)
    put(make(4), tmp_path, settings)
    before = {path: path.read_bytes() for kind in settings.format for path in (tmp_path / kind).rglob("*") if path.is_file()}
    with monkeypatch.context() as broken:
        broken.setattr(ImageFolder, "write", full)
        with pytest.raises(PipelineError, match="cannot be written"):
            put(make(7), tmp_path, settings)
    assert {path: path.read_bytes() for kind in settings.format for path in (tmp_path / kind).rglob("*") if path.is_file()} == before
    put(make(7), tmp_path, settings)
    assert [verify(tmp_path / kind) for kind in settings.format] == [[], []]


def test_a_picture_is_encoded_once_for_all_formats(make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    counted: list[object] = []
    encoded = encode.encoded
    monkeypatch.setattr(encode, "encoded", lambda *given: counted.append(given) or encoded(*given))
    put(make(5), tmp_path, shard(format=["tfrecord", "webdataset", "imagefolder", "stylegan"]))
    assert len(counted) == 5


def test_what_a_killed_worker_left_does_not_come_along(make: Make, put: Put, shard: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    run = encode.run

    def killed_and_tried_again(job: encode.Job, *given: Any) -> None:
        for target in job.targets:
            target.path.parent.mkdir(parents=True, exist_ok=True)
            target.path.with_name(f".{target.path.name}.0123abcd.tmp").write_bytes(b"half")
        run(job, *given)

    monkeypatch.setattr(encode, "run", killed_and_tried_again)
    put(make(6), tmp_path / "set", shard(shards=2))
    assert list((tmp_path / "set").rglob(".*")) == []
    assert verify(tmp_path / "set") == []
