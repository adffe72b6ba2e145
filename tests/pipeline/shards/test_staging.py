from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.shards import staging


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_new_folder_takes_the_old_ones_place(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "old").write_text("")
    partial = staging.begin(folder, "f1")
    (partial / "new").write_text("")
    assert names(folder) == ["old"]
    staging.finish(partial, folder)
    assert names(tmp_path) == ["set", "set/new"]


def test_whole_files_of_the_same_fingerprint_are_kept_and_torn_ones_swept(tmp_path: Path) -> None:
    partial = staging.begin(tmp_path / "set", "f1")
    (partial / "whole").write_text("")
    (partial / ".torn.12345678.tmp").write_text("")
    assert names(staging.begin(tmp_path / "set", "f1")) == ["whole"]
    assert names(staging.begin(tmp_path / "set", "f2")) == []
    assert names(tmp_path) == [".set.f2.partial"]


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    for name in (".set-2.f1.partial", "set-2", ".set-2.old"):
        (tmp_path / name).mkdir()
    staging.finish(staging.begin(tmp_path / "set", "f2"), tmp_path / "set")
    assert names(tmp_path) == [".set-2.f1.partial", ".set-2.old", "set", "set-2"]


def test_a_kill_between_the_renames_is_mended(tmp_path: Path) -> None:
    (tmp_path / ".set.old").mkdir()
    (tmp_path / ".set.old" / "file").write_text("")
    staging.begin(tmp_path / "set", "f1")
    assert names(tmp_path) == [".set.f1.partial", "set", "set/file"]


def test_a_kill_before_the_old_folder_went_is_mended(tmp_path: Path) -> None:
    for name in (".set.old", "set"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name.strip(".")).write_text("")
    staging.begin(tmp_path / "set", "f1")
    assert names(tmp_path) == [".set.f1.partial", "set", "set/set"]


def test_a_file_or_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    with staging.whole(tmp_path / "in" / "file") as temporary:
        temporary.write_text("a")
        assert names(tmp_path / "in") == [temporary.name]
    with staging.whole(tmp_path / "in" / "folder") as temporary:
        temporary.mkdir()
        (temporary / "b").write_text("b")
    assert names(tmp_path / "in") == ["file", "folder", "folder/b"]
    for make in (Path.mkdir, Path.touch):
        with pytest.raises(ZeroDivisionError), staging.whole(tmp_path / "in" / "torn") as temporary:
            make(temporary)
            _ = 1 / 0
    assert names(tmp_path / "in") == ["file", "folder", "folder/b"]


def test_torn_files_and_folders_are_swept_at_any_depth(tmp_path: Path) -> None:
    partial = staging.begin(tmp_path / "set", "f1")
    (partial / "train" / ".00000.12345678.tmp").mkdir(parents=True)
    (partial / "train" / ".00000.12345678.tmp" / "i1.png").touch()
    (partial / "records").mkdir()
    (partial / "records" / ".a.json.12345678.tmp").touch()
    assert names(staging.begin(tmp_path / "set", "f1")) == ["records", "train"]


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    partial = staging.begin(tmp_path / "set", "f")
    (partial / "records").mkdir()
    for torn in (partial / ".a.tfrecord.0123abcd.tmp", partial / "records" / ".a.json.0123abcd.tmp"):
        torn.write_bytes(b"half")
    (partial / "a.tfrecord").write_bytes(b"whole")
    staging.tidy(partial)
    assert [path.name for path in partial.rglob("*") if path.is_file()] == ["a.tfrecord"]
