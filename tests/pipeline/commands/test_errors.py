"""Every command with a wrong path, a broken manifest, an empty dataset, a read-only directory: one clear line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ON_DATASETS = ("measure", "classify", "filter", "dedup", "review", "augment", "shard", "train", "status", "verify", "scrape", "run")
WRITING = ("measure", "classify", "filter", "dedup", "review", "augment", "shard", "scrape", "run")


def one_line(outcome, code: int | tuple[int, ...]) -> str:  # type: ignore[no-untyped-def]
    assert outcome.code in ((code,) if isinstance(code, int) else code), outcome.err
    assert "Traceback" not in outcome.out + outcome.err
    (line,) = outcome.error_lines
    return str(line)


@pytest.mark.parametrize("command", [*ON_DATASETS, "generate"])
def test_a_wrong_path(pipeline: Callable, command: str) -> None:  # type: ignore[type-arg]
    assert "nowhere/at/all" in one_line(pipeline(command, "nowhere/at/all"), 2)


@pytest.mark.parametrize("command", [name for name in ON_DATASETS if name not in ("scrape", "run")])
def test_no_dataset_at_all(pipeline: Callable, command: str) -> None:  # type: ignore[type-arg]
    assert "no dataset under" in one_line(pipeline(command), 2)


@pytest.mark.parametrize("command", ON_DATASETS)
def test_a_broken_manifest(pipeline: Callable, command: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.toml").write_text('[[scrape]]\nsource = "folder"\npath = "."\n[shard]\nsise = 3\n')
    line = one_line(pipeline(command, "broken"), 2)
    assert "manifest.toml" in line
    assert "did you mean `size`" in line


@pytest.mark.parametrize("command", ["scrape", "run"])
def test_a_manifest_file_that_is_no_manifest(pipeline: Callable, command: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00garbage")
    assert "bad.toml" in one_line(pipeline(command, "bad.toml"), 2)


@pytest.mark.parametrize("command", [name for name in ON_DATASETS if name not in ("scrape", "run", "status", "verify")])
def test_an_empty_dataset(pipeline: Callable, command: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    (tmp_path / "none").mkdir()
    (tmp_path / "none.toml").write_text('[[scrape]]\nsource = "folder"\npath = "none"\n')
    assert pipeline("scrape", "none.toml").code == 0
    line = one_line(pipeline(command, "none"), 1)
    assert "no pictures yet; run `pipeline scrape" in line


@pytest.mark.parametrize("command", ["status", "verify"])
def test_an_empty_dataset_can_be_looked_at(pipeline: Callable, command: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    (tmp_path / "none").mkdir()
    (tmp_path / "none.toml").write_text('[[scrape]]\nsource = "folder"\npath = "none"\n')
    assert pipeline("scrape", "none.toml").code == 0
    assert pipeline(command, "none").code == 0


@pytest.mark.parametrize("command", ["status", "verify"])
def test_a_dataset_without_a_catalog(pipeline: Callable, command: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "manifest.toml").write_text('[[scrape]]\nsource = "folder"\npath = "."\n')
    assert "nothing scraped yet" in one_line(pipeline(command, "bare"), 1)


def test_a_read_only_dataset(pipeline: Callable, recipe: Path, read_only: Callable, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("run", recipe, "--until", "shard").code == 0
    frozen = read_only(tmp_path / "datasets" / "shapes")
    for command in WRITING:
        line = one_line(pipeline(command, frozen), 1)
        assert "read-only" in line or "permission" in line.lower()
    for command in ("status", "verify"):
        outcome = pipeline(command, frozen)
        assert outcome.code == 0, outcome.err


def test_stages_out_of_order(pipeline: Callable, recipe: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("scrape", recipe).code == 0
    assert "run `pipeline measure" in one_line(pipeline("filter", "shapes"), 1)
    assert "run `pipeline" in one_line(pipeline("shard", "shapes"), 1)


def test_a_lost_picture_is_named(pipeline: Callable, recipe: Path, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("run", recipe, "--until", "dedup").code == 0
    lost = sorted((tmp_path / "datasets" / "shapes" / "images").rglob("*.png"))[0]
    lost.unlink()
    outcome = pipeline("verify", "shapes")
    assert outcome.code == 1
    assert lost.name in outcome.out


def test_a_destroyed_catalog(pipeline: Callable, recipe: Path, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("scrape", recipe).code == 0
    (tmp_path / "datasets" / "shapes" / "catalog.sqlite").write_bytes(b"no catalog" * 500)
    for command in ("status", "measure", "verify"):
        assert "catalog.sqlite" in one_line(pipeline(command, "shapes"), 1)


def test_into_a_directory_full_of_other_things(pipeline: Callable, recipe: Path, pictures: Path) -> None:  # type: ignore[type-arg]
    before = sorted(pictures.rglob("*"))
    assert "not empty and not a dataset" in one_line(pipeline("scrape", recipe, "--into", pictures), 2)
    assert sorted(pictures.rglob("*")) == before


def test_into_a_file(pipeline: Callable, recipe: Path, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert "is a file" in one_line(pipeline("scrape", recipe, "--into", recipe), 2)


def test_a_source_folder_that_is_gone(pipeline: Callable, recipe: Path, pictures: Path) -> None:  # type: ignore[type-arg]
    shutil.rmtree(pictures)
    assert "pictures" in one_line(pipeline("scrape", recipe), 1)


def test_wrong_words_on_the_command_line(pipeline: Callable, recipe: Path) -> None:  # type: ignore[type-arg]
    assert "no such stage" in one_line(pipeline("run", recipe, "--until", "later"), 2)
    assert "give key=value" in one_line(pipeline("scrape", recipe, "--set", "shard.size"), 2)
    assert pipeline("scrape").code == 2
    assert pipeline("dance").code == 2


def test_missing_metadata_of_shards_is_a_problem(pipeline: Callable, recipe: Path, tmp_path: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("run", recipe, "--until", "shard").code == 0
    (tmp_path / "datasets" / "shapes" / "shards" / "tfrecord-32" / "dataset_info.json").unlink()
    outcome = pipeline("verify", "shapes", "--quiet")
    assert outcome.code == 1
    assert "dataset_info.json" in outcome.err


def test_brackets_in_a_path_are_no_markup(pipeline: Callable, recipe: Path) -> None:  # type: ignore[type-arg]
    assert pipeline("scrape", recipe, "--into", "[/red] x").code == 0
    assert "[/red] x" in pipeline("status", "[/red] x").out


def test_a_relative_path_on_the_command_line_holds_from_anywhere(
    pipeline: Callable,  # type: ignore[type-arg]
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert pipeline("init", "mine", "--source", "folder", "--set", "scrape.path=pictures").code == 0
    assert pipeline("scrape", "mine.toml").code == 0
    monkeypatch.chdir(tmp_path / "datasets")
    assert pipeline("scrape", "mine").code == 0
