"""A snapshot is of one moment, and knows when it is of yesterday."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import stages
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.review import snapshot


@pytest.fixture
def root(make_dataset: Callable[..., Path]) -> Path:
    return make_dataset(20, signatures=False)


def test_everything_is_read_in_the_order_of_ids(root: Path) -> None:
    found = snapshot.take(root)
    assert found.ids == sorted(found.ids)
    assert [found.place[id] for id in found.ids] == list(range(20))
    assert list(found.items.index) == list(found.measurements["id"]) == found.ids
    assert "signature" not in found.measurements
    assert "signature" in snapshot.all_measurements(root)
    assert list(snapshot.facing(root)) == ["id", "facing"]
    assert found.twins[found.ids[0]] == [found.ids[0], found.ids[8], found.ids[9]]


def test_the_generation_follows_stages_and_manifest_only(root: Path) -> None:
    first = snapshot.generation(root)
    (root / "review.csv").write_text("id,aspect,value\n")
    assert snapshot.generation(root) == first
    dataset = Dataset(root)
    with dataset.writing("test"):
        stages.finish(dataset, "filter", stages.parts(dataset, "filter"), {})
    second = snapshot.generation(root)
    assert second != first
    manifest = root / "manifest.toml"
    manifest.write_text(manifest.read_text() + "# more\n")
    assert snapshot.generation(root) not in (first, second)


def test_a_command_that_never_rests_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()
    monkeypatch.setattr(snapshot, "generation", lambda root: str(next(numbers)))
    monkeypatch.setattr(snapshot.time, "sleep", lambda seconds: None)
    with pytest.raises(PipelineError, match="a command is finishing stage after stage"):
        snapshot.take(root)


def test_a_change_in_the_middle_is_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["a", "b", "b", "b"])
    monkeypatch.setattr(snapshot, "generation", lambda root: next(answers))
    monkeypatch.setattr(snapshot.time, "sleep", lambda seconds: None)
    assert snapshot.take(root).generation == "b"
