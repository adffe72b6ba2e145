"""A set of each format, and what must be in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.shards import reader
from pipeline.shards.example import Picture

COPIES = AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=1)


@pytest.fixture
def filled(make: Callable[..., list[Picture]], put: Callable[..., Any], shard: Callable[..., ShardSettings], tmp_path: Path) -> Any:
    """`filled(format, **settings)`: a folder with 12 pictures in two splits, the training one in three shards, with copies; and its
    records by split, as TFRecord has them."""

    def run(kind: str, **settings: Any) -> tuple[Path, dict[str, list[reader.Row]]]:
        for name in ("tfrecord", kind):
            put(make(12), tmp_path / name / "set", shard(format=name, shards=3, validation=0.3, **settings), COPIES)
        return tmp_path / kind / "set", {
            split: list(reader.read(tmp_path / "tfrecord" / "set", split)) for split in ("train", "validation")
        }

    return run
