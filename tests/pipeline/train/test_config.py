from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.train.config import RunConfig
from pipeline.train.presets import TrainSettings


@pytest.fixture
def config(settings: Callable[..., TrainSettings]) -> RunConfig:
    return RunConfig(settings(), "dots", "ab" * 32, images=20, size=32, batch=8, precision="float32")


def test_a_written_configuration_reads_back_equal(config: RunConfig, tmp_path: Path) -> None:
    config.write(tmp_path)
    assert RunConfig.read(tmp_path) == config


def test_the_shards_are_found_again_when_a_dataset_is_moved(config: RunConfig, tmp_path: Path) -> None:
    told = config.with_shards(tmp_path / "d" / "shards" / "tfrecord-32", tmp_path / "d" / "runs" / "r")
    assert told.shards == "../../shards/tfrecord-32"
    assert config.differences(told) == []


@pytest.mark.parametrize(("kimg", "steps"), [(0.064, 8), (0.065, 9), (0.001, 1), (1, 125)])
def test_steps_show_at_least_the_images_asked_for(config: RunConfig, kimg: float, steps: int) -> None:
    assert config.steps(kimg) == steps


def test_only_what_changes_the_learning_is_a_difference(config: RunConfig, settings: Callable[..., TrainSettings]) -> None:
    longer = replace(config, settings=settings(kimg=9, samples_kimg=1, checkpoint_kimg=1))
    assert config.differences(longer) == []
    assert config.differences(replace(config, settings=settings(beta1=0.9))) == ["beta1 0.5 and now 0.9"]
    assert config.differences(replace(config, digest="cd" * 32)) == [f"shards dots {'ab' * 6} and now dots {'cd' * 6}"]
    assert config.differences(replace(config, batch=4)) == ["batch 8 and now 4"]


def test_precision_auto_goes_on_in_whatever_the_run_began_with(config: RunConfig, settings: Callable[..., TrainSettings]) -> None:
    elsewhere = replace(config, precision="mixed_bfloat16")
    assert config.differences(replace(elsewhere, settings=settings(precision="auto"))) == []
    assert config.differences(elsewhere) == ["precision float32 and now mixed_bfloat16"]


def test_jit_auto_goes_on_in_whatever_the_run_began_with(config: RunConfig, settings: Callable[..., TrainSettings]) -> None:
    compiled = replace(config, jit=True, settings=settings(jit="auto"))
    assert compiled.differences(replace(config, settings=settings(jit="auto"))) == []
    assert compiled.differences(replace(config, settings=settings(jit="off"))) == ["jit on and now off"]


def test_what_was_chosen_when_the_run_began_is_kept_where_it_was_left_open(
    config: RunConfig, settings: Callable[..., TrainSettings]
) -> None:
    begun = replace(config, precision="mixed_bfloat16", jit=True, accumulate=2)
    going_on = replace(config, settings=settings(precision="auto", jit="auto")).going_on(begun)
    assert (going_on.precision, going_on.jit, going_on.accumulate) == ("mixed_bfloat16", True, 2)
    going_on = config.going_on(begun)
    assert (going_on.precision, going_on.accumulate) == ("float32", 2)


def test_a_run_that_began_with_anothers_weights_is_another_run(config: RunConfig) -> None:
    assert config.differences(replace(config, source="stable-64 (dots)")) == ["from nothing and now stable-64 (dots)"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"settings": {"preset": "none"}}', '{"settings": {"preset": "dcgan", "batch": 0}}'])
def test_a_broken_configuration_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(PipelineError, match=r"config\.json: cannot be read"):
        RunConfig.read(tmp_path)


def test_a_folder_without_a_configuration_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="not a training run"):
        RunConfig.read(tmp_path)
