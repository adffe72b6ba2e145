"""publish and rebuild on the command line; what they do is tested in tests/pipeline/share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.share.folder import read

Pipeline = Callable[..., Any]


@pytest.fixture
def folder(pipeline: Pipeline, recipe: Path, tmp_path: Path) -> Path:
    assert pipeline("run", recipe, "--until", "dedup", "--workers", 1, "--quiet").code == 0
    found = pipeline("publish", "shapes", "--to", tmp_path / "out")
    assert found.code == 0
    assert "25 pictures have no public address: nobody can fetch them again" in found.out
    assert f"wrote {tmp_path / 'out'}; look through" in found.out.replace("\n", "")
    return tmp_path / "out"


def test_a_dataset_of_files_can_be_shown_but_not_rebuilt(pipeline: Pipeline, folder: Path, tmp_path: Path) -> None:
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert str(tmp_path).encode() not in everything
    found = pipeline("rebuild", folder, "--into", tmp_path / "again")
    assert found.code == 1
    assert found.error_lines == [
        f"pipeline: {tmp_path / 'again'}: not one of 25 published pictures could be had; the folder has no addresses"
    ]
    assert (tmp_path / "again" / "reports" / "rebuild.csv").read_text(encoding="utf-8-sig").count("no address") == 25


def test_json_and_one_line_for_each_thing_that_is_wrong(
    pipeline: Pipeline, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json.loads(pipeline("publish", "shapes", "--to", folder, "--json").out)
    assert said["rows"]["items"] == 25
    assert said["folder"] == str(folder)

    for arguments, words in (
        (("publish", "nothing", "--to", tmp_path / "x"), "no such dataset"),
        (("publish", "shapes", "--to", tmp_path / "pictures"), "not empty and not a published folder"),
        (("rebuild", tmp_path / "pictures"), "no published folder"),
        (("rebuild", folder, "--into", tmp_path / "pictures"), "not empty and not a dataset"),
        (("rebuild", folder, "--into", tmp_path / "again", "--set", "scrape.dellay=3"), "unknown key `scrape.dellay`"),
    ):
        found = pipeline(*arguments)
        assert found.code == 2, arguments
        assert words in found.error_lines[0]
        assert not (tmp_path / "again").exists()
    assert pipeline("publish", "shapes").code == 2

    monkeypatch.setattr("pipeline.share.folder.import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    found = pipeline("publish", "shapes", "--to", folder, "--parquet")
    assert found.code == 2
    assert "pip install 'art-pipeline[parquet]'" in found.error_lines[0]
    assert read(folder).name == "shapes"  # what was there is still whole

    with (folder / "decisions.csv").open("ab") as file:
        file.write(b"x")
    found = pipeline("rebuild", folder)
    assert found.code == 1
    assert "decisions.csv: SHA-256 differs" in found.error_lines[0]


def test_both_are_in_the_help(pipeline: Pipeline) -> None:
    text = pipeline("--help").out
    assert "publish" in text
    assert "rebuild" in text
    assert "--kept" in pipeline("rebuild", "--help").out
