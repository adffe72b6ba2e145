"""A file is whole or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import files


def test_write_replaces_the_whole_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "a.txt"
    files.write(path, "one")
    files.write(path, b"two", scratch=tmp_path / "scratch")
    assert path.read_text() == "two"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_an_error_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write(path, "old")

    def half() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("cut")

    with pytest.raises(RuntimeError):
        half()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_append_line_closes_a_line_that_a_crash_cut(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,")
    files.append_line(path, "2,3\n")
    assert path.read_bytes() == b"a,b\n1,\n2,3\n"


def test_sweep_removes_the_scratch_folder(tmp_path: Path) -> None:
    (tmp_path / "scratch" / "x").mkdir(parents=True)
    files.sweep(tmp_path / "scratch")
    files.sweep(tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_what_another_program_has_open_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = [PermissionError(13, "in use"), PermissionError(13, "in use")]
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if refused:
            raise refused.pop()
        return replace(self, target)

    monkeypatch.setattr(files, "PAUSES", (0, 0))  # as on Windows
    monkeypatch.setattr(Path, "replace", held)
    files.write(tmp_path / "a", "text")
    assert (tmp_path / "a").read_text() == "text"
    refused.extend([PermissionError(13, "in use")] * 3)
    with pytest.raises(PermissionError):
        files.write(tmp_path / "a", "other")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "text"
