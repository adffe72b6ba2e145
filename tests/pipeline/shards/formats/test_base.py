"""What holds for every format."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from pipeline.errors import PipelineError
from pipeline.manifest import FORMATS, AugmentSettings, ShardSettings
from pipeline.shards import formats, reader
from pipeline.shards.augment import Variant
from pipeline.shards.example import Example, Picture
from pipeline.shards.formats.base import EXTENSIONS, key
from pipeline.shards.verify import verify

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., ShardSettings]
COPIES = AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=2)
ALL = list(formats.ALL)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_manifest_names_every_format_and_an_extension_for_every_encoding() -> None:
    assert list(FORMATS) == ALL
    assert set(get_args(ShardSettings.model_fields["encoding"].annotation)) <= set(EXTENSIONS)
    with pytest.raises(PipelineError, match="no format 'csv'; this version writes tfrecord, webdataset"):
        formats.load("csv", "png")


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_the_bytes_are_the_same_for_any_number_of_workers_and_any_order(
    encoding: str, make: Make, put: Put, shard: Settings, tmp_path: Path
) -> None:
    settings = shard(shards=4, encoding=encoding, format=ALL, validation=0.3)
    pictures = make(12)
    one = put(pictures, tmp_path / "one", settings, COPIES, workers=1)
    for workers in (2, 4) if encoding == "png" else (2,):
        assert put(pictures[::-1], tmp_path / str(workers), settings, COPIES, workers=workers) == one
        for kind in ALL:
            assert contents(tmp_path / str(workers) / kind) == contents(tmp_path / "one" / kind)
    for kind in ALL:
        assert verify(tmp_path / "one" / kind) == []


def test_several_formats_at_once_are_what_each_is_alone(make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    together = put(make(7), tmp_path / "together", shard(format=ALL), COPIES)
    for kind in ALL:
        alone = put(make(7), tmp_path / "alone" / kind, shard(format=kind), COPIES)
        assert contents(tmp_path / "alone" / kind) == contents(tmp_path / "together" / kind)
        assert alone["digest"][kind] == together["digest"][kind]
        assert (alone["examples"], alone["pictures"]) == (together["examples"], together["pictures"])


@pytest.mark.parametrize("kind", ALL)
def test_names_that_trainers_cut_at_dots_or_slashes(kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    put(make(3), tmp_path / "set", shard(format=kind), COPIES)
    known = {row["id"]: row for row in reader.read(tmp_path / "set", "train")}
    keys = {key(Example(picture, variant)) for picture in make(3) for variant in (Variant(), Variant(mirror=True), Variant(percent=83))}
    assert len(keys) == 9
    assert all(re.fullmatch(r"i[0-9a-f]{16}(-[0-9a-f]{12})?", name) for name in keys)
    assert known.keys() < keys


@pytest.mark.parametrize("kind", ALL)
def test_text_from_the_web_comes_back(kind: str, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    odd = replace(make(1)[0], title='"\\ \n\t\x00 \ud83e é 高', label="\udcff", credit="x" * 5000)
    put([odd], tmp_path / "set", shard(format=kind))
    (row,) = reader.read(tmp_path / "set", "train")
    assert (row["title"], row["label"], row["credit"]) == ('"\\ \n\t\x00 ? é 高', "?", "x" * 5000)
    assert verify(tmp_path / "set") == []
