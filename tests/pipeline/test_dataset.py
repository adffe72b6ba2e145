"""One directory, one writer; a reference means one dataset."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pipeline
from pipeline import dataset as datasets
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError

HOLD = """
import sys, time
from pathlib import Path
from pipeline.dataset import Dataset
with Dataset(Path(sys.argv[1])).writing("pipeline scrape mahq"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Another process that holds the dataset."""
    environment = {**os.environ, "PYTHONPATH": str(Path(pipeline.__file__).parents[1])}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_writer_is_told_who_holds_it(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    with (
        pytest.raises(PipelineError, match=rf"in use by `pipeline scrape mahq` \(process {holder.pid}"),
        Dataset(tmp_path).writing("other"),
    ):
        pass


def test_a_killed_writer_leaves_no_lock(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    holder.kill()
    holder.wait()
    with Dataset(tmp_path).writing("other"):
        pass


def test_scratch_is_swept_when_writing_begins(tmp_path: Path) -> None:
    held = Dataset(tmp_path)
    held.scratch.mkdir(parents=True)
    (held.scratch / "half.tmp").write_text("x")
    with held.writing("test"):
        assert not held.scratch.exists()


def test_the_lock_is_free_again_and_the_catalog_closed(tmp_path: Path) -> None:
    held = Dataset(tmp_path)
    for _ in range(2):
        with held.writing("test"):
            held.catalog.put_note("a", "b")
    assert not (tmp_path / "catalog.sqlite-wal").exists()


def make(root: Path) -> Path:
    root.mkdir(parents=True)
    (root / "manifest.toml").write_text('[[scrape]]\nsource = "folder"\npath = "."\n')
    return root


def test_find_takes_a_name_a_path_or_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no dataset under"):
        datasets.find(None)
    one = make(Path("datasets/one"))
    assert datasets.find(None) == one
    assert datasets.find("one") == one
    assert datasets.find("datasets/one") == one
    make(Path("datasets/two"))
    with pytest.raises(UsageError, match="several datasets.*one, two"):
        datasets.find(None)
    with pytest.raises(UsageError, match="no such dataset"):
        datasets.find("three")
    Path("plain").mkdir()
    with pytest.raises(UsageError, match="not a dataset"):
        datasets.find("plain")


def test_reading_an_empty_dataset_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="nothing scraped yet"):
        _ = Dataset(tmp_path, read_only=True).catalog


def test_the_holder_is_named_within_a_moment(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    with pytest.raises(PipelineError), Dataset(tmp_path).writing("other"):
        pass
    assert time.monotonic() - began < 5
