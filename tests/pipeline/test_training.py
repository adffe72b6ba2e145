"""What `train` and `generate` may be pointed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import training
from pipeline.errors import UsageError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    return path


def test_a_run_by_path_or_by_name() -> None:
    mine = touch(Path("runs/mine/config.json")).parent
    assert training.find_run("runs/mine") == mine
    assert training.find_run("mine") == mine
    other = touch(Path("datasets/art/runs/other/config.json")).parent
    (Path("datasets/art") / "manifest.toml").write_text('[[scrape]]\nsource = "folder"\npath = "."\n')
    assert training.find_run("other") == other
    with pytest.raises(UsageError, match="no run there.*`pipeline train` makes one"):
        training.find_run("nobody")


def test_shards_alone_or_a_dataset() -> None:
    shards = touch(Path("somewhere/tfrecord-32/dataset_info.json")).parent
    found = training.target(str(shards), [])
    assert (found.shards, found.plan) == (shards, None)
    with pytest.raises(UsageError, match="no such dataset"):
        training.target("nowhere", [])
