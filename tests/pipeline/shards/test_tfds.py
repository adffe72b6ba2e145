from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import images
from pipeline.manifest import AugmentSettings
from pipeline.shards import reader, tfds
from pipeline.shards.example import FIELDS, Picture

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure

Make, Put, Settings = Callable[..., list[Picture]], Callable[..., dict[str, Any]], Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "plain"),
    [("mahq", "mahq"), ("my-robots v2", "my_robots_v2"), ("00-gundam", "dataset_00_gundam"), ("ガンダム", "dataset"), ("_x_", "x")],
)
def test_names(name: str, plain: str) -> None:
    assert tfds.dataset_name(name) == plain


@CALM
@given(st.text())
def test_any_name_becomes_an_identifier(name: str) -> None:
    plain = tfds.dataset_name(name)
    assert plain.isascii()
    assert plain.isidentifier()
    assert plain[0].isalpha()


def test_numbers_of_64_bits_are_strings() -> None:
    about = json.loads(tfds.info("a-b", "", "", [tfds.Split("train", (3, 2), 2**60)]))
    assert about["name"] == "a_b"
    assert about["splits"][0]["shardLengths"] == ["3", "2"]
    assert about["splits"][0]["numBytes"] == str(2**60)


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_tfds_reads_every_field_of_every_example(encoding: str, make: Make, put: Put, shard: Settings, tmp_path: Path) -> None:
    loader = pytest.importorskip("tensorflow_datasets", reason="reads the folder by its metadata")
    settings = shard(shards=2, validation=0.3, encoding=encoding)
    summary = put(make(7), tmp_path / "set", settings, AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=1))
    builder = loader.builder_from_directory(str(tmp_path / "set"))
    assert {name: split.num_examples for name, split in builder.info.splits.items()} == summary["examples"]
    for split in summary["examples"]:
        wanted = list(reader.read(tmp_path / "set", split))
        found = list(loader.as_numpy(builder.as_dataset(split=split, shuffle_files=False)))
        assert len(found) == len(wanted)
        for theirs, ours in zip(found, wanted, strict=True):
            assert set(theirs) == set(FIELDS)
            for name, kind in FIELDS.items():
                if kind == "text":
                    assert theirs[name].decode() == ours[name]
                elif kind == "integer":
                    assert theirs[name] == ours[name] == 32
            assert theirs["image"].shape == (32, 32, 3)
            if encoding == "png":  # JPEG decoders may differ by a level
                assert theirs["image"].tobytes() == images.open_image(ours["image"]).tobytes()
