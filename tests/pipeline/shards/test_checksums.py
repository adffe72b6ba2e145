from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.shards import checksums


def test_the_form_is_that_of_sha256sum(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    digest = checksums.write(tmp_path, {"b", "a"})
    text = "".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in ("a", "b"))
    assert (tmp_path / "SHA256SUMS").read_text() == text
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    assert checksums.problems(tmp_path) == []


def test_changed_missing_and_unlisted_files_are_named(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    checksums.write(tmp_path, ["a", "b"])
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").unlink()
    assert checksums.problems(tmp_path) == [
        "a: SHA-256 differs from the one in SHA256SUMS",
        "b: listed in SHA256SUMS but missing",
        "c: not listed in SHA256SUMS",
    ]


def test_without_the_list(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        checksums.problems(tmp_path)
