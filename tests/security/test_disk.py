"""A disk that does not take what comes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.fetch import store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Four megabytes, where this user may mount them."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or sys.platform != "linux":
        pytest.skip("a small disk is made with a Linux tmpfs")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("not allowed to mount a small disk here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk(attack: Any, serve: Any, bombs: Any, small_disk: Path) -> None:
    """One line that says so; what was had before is whole, and with more space the same command ends the work."""
    picture = bombs.png(600, 600, body=__import__("zlib").compress(os.urandom(601 * 600), 1))
    for number in range(20):
        attack.on(f"/{number}.png", serve.says(picture + b"%d" % number, "image/png"))
    outcome = attack.run(pictures=[f"/{number}.png" for number in range(20)], commands=["scrape"], honest=False)
    assert outcome.commands[0].code == 1
    assert "space" in outcome.commands[0].err or "full" in outcome.commands[0].err
    assert len(outcome.commands[0].err.splitlines()) < 5
    for path in (small_disk / "images").rglob("*.png"):
        assert store.digest(path.read_bytes()) == path.stem
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    again = attack.run(pictures=[f"/{number}.png" for number in range(20)], commands=["scrape"])
    assert len(again.table("items")) == 21


def test_a_directory_that_cannot_be_written(attack: Any, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere; tests/pipeline/commands/test_errors.py tries a read-only mount")
    (tmp_path / "dataset").mkdir(mode=0o555)
    outcome = attack.run(commands=["scrape"], honest=False)
    assert outcome.commands[0].code == 1
    assert "permission" in outcome.commands[0].err
