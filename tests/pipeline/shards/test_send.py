from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import AugmentSettings
from pipeline.shards.send import send

Make, Put, Settings = Callable[..., list[Any]], Callable[..., dict[str, Any]], Callable[..., Any]


@pytest.fixture
def folder(make: Make, put: Put, shard: Settings, tmp_path: Path) -> Path:
    put(make(6), tmp_path / "set", shard(shards=2), AugmentSettings())
    return tmp_path / "set"


def memory(place: str) -> dict[str, bytes]:
    fsspec = pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    system = fsspec.filesystem("memory")
    return {path.removeprefix(f"{place}/"): system.cat_file(path) for path in system.find(place)}


def test_what_arrives_is_what_was_sent_and_a_second_time_nothing_is(folder: Path) -> None:
    assert memory("/none") == {}
    known = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert send(folder, "memory://bucket/set") == {"sent": len(known) - 1, "there": 0}
    assert memory("/bucket/set") == known
    assert send(folder, "memory://bucket/set/") == {"sent": 0, "there": len(known) - 1}


def test_only_what_is_wrong_at_the_other_end_is_sent_again(folder: Path, tmp_path: Path) -> None:
    memory("/none")
    there = tmp_path / "there"
    send(folder, there.as_uri())
    name = next(path.name for path in folder.iterdir() if ".tfrecord" in path.name)
    (there / name).write_bytes((there / name).read_bytes()[:-1] + b"x")
    assert send(folder, there.as_uri())["sent"] == 1
    assert (there / name).read_bytes() == (folder / name).read_bytes()


def test_a_file_that_changed_since_its_checksum_is_told_and_leaves_no_list(folder: Path, tmp_path: Path) -> None:
    memory("/none")
    name = next(path for path in folder.iterdir() if ".tfrecord" in path.name)
    name.write_bytes(name.read_bytes() + b"x")
    with pytest.raises(PipelineError, match="is not what was sent"):
        send(folder, (tmp_path / "there").as_uri())
    assert not (tmp_path / "there" / "SHA256SUMS").exists()


def test_wrong_usage_is_one_line(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory("/none")
    with pytest.raises(UsageError, match="no finished folder of shards"):
        send(tmp_path, "memory://x")
    with pytest.raises(UsageError, match="no address that fsspec can use"):
        send(folder, "nonsense://x")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=r"art-pipeline\[remote\]"):
        send(folder, "memory://x")
