from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.train import recovery
from pipeline.train.config import RunConfig
from pipeline.train.presets import TrainSettings


@pytest.fixture
def config(settings: Callable[..., TrainSettings]) -> RunConfig:
    made = settings(learning_rate_g=4e-4, learning_rate_d=2e-4)
    return RunConfig(made, "dots", "ab" * 32, images=20, size=32, batch=12, precision="mixed_bfloat16")


def test_each_time_the_rates_are_halved_and_then_it_gives_up_with_a_way_out(config: RunConfig, tmp_path: Path) -> None:
    assert recovery.factor(recovery.read(tmp_path)) == 1
    for number, (place, rates) in enumerate(
        (("to the start", "0.0001 and 0.0002"), ("at 20", "5e-05 and 0.0001"), ("at 30", "2.5e-05 and"))
    ):
        told = recovery.go_back(tmp_path, config, kimg=31, back_to=[0, 20, 30][number], evidence="loss_d is nan")
        assert place in told
        assert f"halved to {rates}" in told
        assert f"attempt {number + 1} of 3" in told
        assert recovery.factor(recovery.read(tmp_path)) == 0.5 ** (number + 1)
    with pytest.raises(
        PipelineError, match=r"loss_d is nan, after 3 lower learning rates \(last 2.5e-05 and 5e-05\).*or precision float32"
    ):
        recovery.go_back(tmp_path, config, kimg=31, back_to=30, evidence="loss_d is nan")
    assert [one.back_to for one in recovery.read(tmp_path)] == [0, 20, 30]


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / recovery.FILE).write_text("[{}]")
    with pytest.raises(PipelineError, match=r"recoveries\.json: cannot be read"):
        recovery.read(tmp_path)


@pytest.mark.parametrize(("parts", "more"), [(1, 2), (2, 4), (3, 6), (4, 12), (6, 12)])
def test_parts_are_equal_and_at_most_half_as_large(config: RunConfig, parts: int, more: int) -> None:
    assert recovery.more_parts(replace(config, accumulate=parts), config.batch) == more


def test_one_picture_at_a_time_is_the_end(config: RunConfig) -> None:
    with pytest.raises(PipelineError, match=r"even one picture of 32 pixels; try fewer train\.channels"):
        recovery.more_parts(replace(config, accumulate=12), 12)
    with pytest.raises(PipelineError, match="even one picture"):
        recovery.more_parts(replace(config, accumulate=6), 6)  # two devices, six pictures each
    assert recovery.more_parts(replace(config, batch=7), 7) == 7
    assert recovery.more_parts(config, 3) == 3  # a device's share has to divide, not only the batch
