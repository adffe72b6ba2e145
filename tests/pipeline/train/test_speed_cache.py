from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.train import speed_cache, user_cache
from pipeline.train.config import RunConfig
from pipeline.train.presets import TrainSettings

Settings = Callable[..., TrainSettings]
TIMINGS = [{"precision": "float32", "jit": False, "speed": 30.0, "problem": ""}]


@pytest.fixture
def config(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    monkeypatch.setattr(user_cache, "folder", lambda: tmp_path / "cache")
    return RunConfig(settings(ema=5), "dots", "ab" * 32, images=20, size=32, batch=8, precision="float32")


def test_timings_are_found_again_for_the_same_machine_and_shape_only(config: RunConfig, settings: Settings) -> None:
    key = speed_cache.key(config, "CPU")
    assert speed_cache.read(key) is None
    speed_cache.write(key, TIMINGS)
    alike = replace(config, digest="cd" * 32, settings=settings(ema=1, seed=3, learning_rate_g=1e-5, kimg=7, beta1=0.9))
    assert speed_cache.read(speed_cache.key(alike, "CPU")) == TIMINGS
    for other in (replace(config, batch=4), replace(config, size=64), replace(config, settings=settings(ema=5, channels=8))):
        assert speed_cache.read(speed_cache.key(other, "CPU")) is None
    assert speed_cache.read(speed_cache.key(config, "A card")) is None


@pytest.mark.parametrize("text", ["", "[]", '{"key": 1}', "{"])
def test_a_damaged_file_is_as_good_as_none(config: RunConfig, text: str) -> None:
    key = speed_cache.key(config, "CPU")
    speed_cache.write(key, TIMINGS)
    (path,) = (user_cache.folder() / "speed").iterdir()
    path.write_text(text)
    assert speed_cache.read(key) is None


def test_where_nothing_can_be_written_nothing_is_kept(config: RunConfig, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    key = speed_cache.key(config, "CPU")
    speed_cache.write(key, TIMINGS)
    assert speed_cache.read(key) is None
