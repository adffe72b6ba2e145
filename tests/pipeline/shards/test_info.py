from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.shards.info import FILE, Info, Split, format_of, is_folder

KNOWN = Info("webdataset", "my robots", 64, "png", (Split("train", ("train-000000.tar", "train-000001.tar"), (3, 2), 999),))


def test_it_comes_back() -> None:
    assert Info.parse(KNOWN.text()) == KNOWN


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"splits": [{"name": "train", "files": ["a"], "lengths": [1, 2], "bytes": 3}]},
        {"splits": [{"name": "train", "files": ["../a"], "lengths": [1], "bytes": 3}]},
        {"splits": [{"name": "train", "files": ["/etc/a"], "lengths": [1], "bytes": 3}]},
        {"splits": [{"name": "train", "files": ["..\\a"], "lengths": [1], "bytes": 3}]},
        {"splits": [{"name": "train"}]},
        {"splits": 3},
        {"size": "big"},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Info.parse(json.dumps({**json.loads(KNOWN.text()), **change}))


def test_what_a_folder_says_it_is(tmp_path: Path) -> None:
    assert not is_folder(tmp_path)
    (tmp_path / "dataset_info.json").write_text("{}")  # as other versions and other programs write
    assert is_folder(tmp_path)
    assert format_of(tmp_path) == "tfrecord"
    (tmp_path / FILE).write_text(KNOWN.text())
    assert format_of(tmp_path) == "webdataset"
