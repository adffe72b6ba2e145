from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.train import runs
from pipeline.train.config import RunConfig
from pipeline.train.presets import TrainSettings


@pytest.fixture
def config(settings: Callable[..., TrainSettings]) -> RunConfig:
    return RunConfig(settings(kimg=0.08), "dots", "ab" * 32, images=20, size=32, batch=8, precision="float32")


def _begin(run: Path, config: RunConfig, step: int | None = None) -> Path:
    run.mkdir(parents=True)
    config.write(run)
    if step is not None:
        runs.write_summary(run, {"step": step})
    return run


def test_a_run_is_finished_when_its_summary_reaches_its_length(tmp_path: Path, config: RunConfig) -> None:
    assert not runs.finished(tmp_path / "none")
    assert not runs.finished(_begin(tmp_path / "begun", config))
    assert not runs.finished(_begin(tmp_path / "short", config, step=9))
    assert runs.finished(_begin(tmp_path / "whole", config, step=10))


def test_the_unfinished_run_of_the_same_configuration_is_resumed(tmp_path: Path, config: RunConfig) -> None:
    assert runs.find_resumable(tmp_path / "absent", config) is None
    _begin(tmp_path / "other", replace(config, digest="cd" * 32))
    assert runs.find_resumable(tmp_path, config) is None
    done = _begin(tmp_path / "a", config, step=10)
    assert runs.find_resumable(tmp_path, config) == done
    begun = _begin(tmp_path / "b", config)
    assert runs.find_resumable(tmp_path, config) == begun


def test_a_run_without_a_name_gets_a_new_one_or_goes_on(tmp_path: Path, config: RunConfig) -> None:
    first = runs.choose(tmp_path, config, None, resume=True)
    assert first == tmp_path / "dcgan-32"
    _begin(first, config)
    assert runs.choose(tmp_path, config, None, resume=True) == first
    assert runs.choose(tmp_path, config, None, resume=False) == tmp_path / "dcgan-32-2"


def test_a_taken_name_is_refused_unless_it_is_the_same_run_to_resume(tmp_path: Path, config: RunConfig) -> None:
    assert runs.choose(tmp_path, config, "mine", resume=True) == tmp_path / "mine"
    _begin(tmp_path / "mine", config)
    assert runs.choose(tmp_path, config, "mine", resume=True) == tmp_path / "mine"
    with pytest.raises(UsageError, match="exists; resume it"):
        runs.choose(tmp_path, config, "mine", resume=False)
    with pytest.raises(UsageError, match=r"batch 8 and now 4.*another --name"):
        runs.choose(tmp_path, replace(config, batch=4), "mine", resume=True)


def test_a_folder_that_is_no_run_is_not_trained_into(tmp_path: Path, config: RunConfig) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").touch()
    with pytest.raises(UsageError, match="is not a training run"):
        runs.choose(tmp_path, config, "photos", resume=True)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", ""])
def test_a_name_is_one_visible_folder(tmp_path: Path, config: RunConfig, name: str) -> None:
    with pytest.raises(UsageError):
        runs.choose(tmp_path, config, name, resume=False)
