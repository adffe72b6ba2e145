from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import PipelineError
from pipeline.shards import index, reader
from pipeline.shards.example import Picture

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., Any]


def test_what_the_metadata_says(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    summary = put(make(7), tmp_path / "set", shard(shards=3, validation=0.4))
    about = reader.info(tmp_path / "set")
    assert (about.name, about.size) == ("my-robots", 32)
    assert {split.name: sum(split.lengths) for split in about.splits} == summary["examples"]
    assert (about.format, about.encoding) == ("tfrecord", "png")
    files = [name for split in about.splits for name in split.files]
    assert sorted(files) == sorted(path.name for path in (tmp_path / "set").glob("*.tfrecord-*"))


def test_reading_stops_at_damage_and_names_it(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(5), tmp_path / "set", shard(validation=0))
    path = tmp_path / "set" / "my_robots-train.tfrecord-00000-of-00001"
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    rows = reader.read(tmp_path / "set", "train")
    assert len([next(rows) for _ in range(4)]) == 4
    with pytest.raises(PipelineError, match=r"00000-of-00001: record 5 of 5 \(i[0-9a-f]{16}\): its bytes are damaged"):
        next(rows)


def test_too_few_records(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(1), tmp_path / "one", shard(validation=0))
    put(make(2), tmp_path / "two", shard(validation=0))
    name = "my_robots-train.tfrecord-00000-of-00001"
    for file in (name, index.name(name)):
        shutil.copy(tmp_path / "one" / file, tmp_path / "two" / file)
    with pytest.raises(PipelineError, match="1 records where 2 belong"):
        list(reader.read(tmp_path / "two", "train"))


def test_errors_say_what_to_do(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"shards\.json: cannot be read .* give a shard folder"):
        reader.info(tmp_path)
    put(make(2), tmp_path / "set", shard())
    with pytest.raises(PipelineError, match="no split 'test'; it has train, validation"):
        list(reader.read(tmp_path / "set", "test"))
    for text in ("{", "{}", "[]", '{"schema": 1, "name": "a", "splits": [{"name": 1}]}'):
        (tmp_path / "set" / "shards.json").write_text(text)
        with pytest.raises(PipelineError, match=r"shards\.json: damaged, or of another kind"):
            reader.info(tmp_path / "set")
