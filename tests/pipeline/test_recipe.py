from __future__ import annotations

from pathlib import Path

import pytest

import sources.base
from pipeline import recipe
from pipeline.errors import UsageError
from pipeline.manifest import Manifest


@pytest.mark.parametrize("source", sources.base.names())
def test_every_source_gives_a_manifest_that_is_read(source: str, tmp_path: Path) -> None:
    required = [name for name, info in sources.base.load(source).Settings.model_fields.items() if info.is_required() and name != "source"]
    path = recipe.create("mine", source, [], tmp_path)
    manifest = Manifest.load(path)
    assert (path, manifest.name, [one.source for one in manifest.scrape]) == (tmp_path / "mine.toml", "mine", [source])
    for key in required:  # left for their owner, but there
        assert f'\n{key} = "."' in path.read_text(encoding="utf-8")


def test_settings_are_written_and_what_can_be_set_stands_as_a_comment(tmp_path: Path) -> None:
    path = recipe.create("mine", "mahq", ["scrape.delay=7", "shard.size=32"], tmp_path)
    manifest, text = Manifest.load(path), path.read_text(encoding="utf-8")
    assert (manifest.scrape[0].delay, manifest.shard.size) == (7, 32)  # type: ignore[attr-defined]
    assert 'contact = ""' in text
    for key in set(sources.base.load("mahq").Settings.model_fields) - {"source"}:
        assert key in text


@pytest.mark.parametrize("name", ["", "-x", "a b", "../up", "x.toml", "é"])
def test_a_name_that_cannot_be_a_directory_everywhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="letters, digits"):
        recipe.create(name, "mahq", [], tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_and_nothing_wrong_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such source; there are .*mahq"):
        recipe.create("mine", "nowhere", [], tmp_path)
    with pytest.raises(UsageError):
        recipe.create("mine", "mahq", ["shard.size=-1"], tmp_path)
    assert not list(tmp_path.iterdir())
    path = recipe.create("mine", "mahq", [], tmp_path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        recipe.create("mine", "folder", [], tmp_path)
    assert path.read_bytes() == before
