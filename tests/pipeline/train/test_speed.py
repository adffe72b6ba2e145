from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

from pipeline.report import SILENT
from pipeline.train import speed, user_cache
from pipeline.train.backends import tensorflow as backend
from pipeline.train.config import RunConfig
from pipeline.train.presets import TrainSettings
from pipeline.train.speed import Choice, Timing

Settings = Callable[..., TrainSettings]
PLAIN, LOW, COMPILED, LOW_COMPILED = (Choice(p, jit) for jit in (False, True) for p in ("float32", "mixed_bfloat16"))


@pytest.fixture
def config(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    monkeypatch.setattr(user_cache, "folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(speed.device, "processor_flags", lambda: frozenset({"avx512_bf16"}))
    made = settings(precision="auto", jit="auto", kimg=300)
    return RunConfig(made, "dots", "ab" * 32, images=20, size=32, batch=8, precision="float32")


def test_only_what_is_left_open_and_can_be_fast_is_tried(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed.device, "processor_flags", lambda: frozenset({"avx512_bf16"}))
    auto = settings(precision="auto", jit="auto")
    assert speed.choices(auto, "CPU") == [PLAIN, LOW, COMPILED, LOW_COMPILED]
    assert {choice.precision for choice in speed.choices(auto, "A card")} == {"float32", "mixed_bfloat16", "mixed_float16"}
    assert speed.choices(settings(precision="auto", jit="off"), "CPU") == [PLAIN, LOW]
    assert speed.choices(settings(precision="float32", jit="on"), "CPU") == [COMPILED]
    monkeypatch.setattr(speed.device, "processor_flags", lambda: frozenset({"avx2"}))
    assert speed.choices(auto, "CPU") == [PLAIN, COMPILED]
    monkeypatch.setattr(speed.device, "processor_flags", frozenset)  # not known: timed
    assert LOW in speed.choices(auto, "CPU")


def _told(speeds: dict[Choice, float], asked: list[Choice]) -> Callable[[Choice, float], Timing]:
    def timed(choice: Choice, slowest: float) -> Timing:
        asked.append(choice)
        return Timing(choice, speeds[choice])

    return timed


def test_compiling_is_given_up_where_it_made_the_other_precision_far_slower(config: RunConfig) -> None:
    asked: list[Choice] = []
    speeds = {PLAIN: 30.0, LOW: 12.0, COMPILED: 2.0}
    timings = speed.try_all([PLAIN, LOW, COMPILED, LOW_COMPILED], _told(speeds, asked), config, lambda n: None)
    assert asked == [PLAIN, LOW, COMPILED]
    assert timings[-1].problem == "cannot win"
    assert speed.fastest(timings) == PLAIN
    # As measured with matrix units: XLA helps float32 and hinders bfloat16, which could not be known.
    asked.clear()
    speeds = {PLAIN: 30.0, LOW: 99.0, COMPILED: 55.0, LOW_COMPILED: 50.0}
    timings = speed.try_all([PLAIN, LOW, COMPILED, LOW_COMPILED], _told(speeds, asked), config, lambda n: None)
    assert len(asked) == 4
    assert speed.fastest(timings) == LOW


def test_choosing_ends_when_it_takes_too_long_for_the_run(config: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 1000, 20))
    monkeypatch.setattr(speed.time, "monotonic", lambda: float(next(now)))
    asked: list[Choice] = []
    speeds = dict.fromkeys((PLAIN, LOW, COMPILED, LOW_COMPILED), 3000.0)  # 300,000 images: 100 s, of which 10 may go into choosing
    timings = speed.try_all(list(speeds), _told(speeds, asked), config, lambda n: None)
    assert asked == [PLAIN]
    assert {timing.problem for timing in timings[1:]} == {speed.SHORT}
    asked.clear()
    timings = speed.try_all(list(speeds), _told(dict.fromkeys(speeds, 3.0), asked), config, lambda n: None)
    assert asked == [PLAIN, LOW, COMPILED]
    assert timings[-1].problem == speed.SKIPPED


def test_the_fastest_is_taken_told_and_known_the_next_time(config: RunConfig, monkeypatch: pytest.MonkeyPatch, notes: Any) -> None:
    speeds = {PLAIN: 30.0, LOW: 99.0, COMPILED: 55.0, LOW_COMPILED: 50.0}
    asked: list[Choice] = []
    monkeypatch.setattr(speed, "measure", lambda choice, config, name, slowest: _told(speeds, asked)(choice, slowest))
    for _ in range(2):
        chosen = speed.choose(config, "CPU", notes)
        assert (chosen.precision, chosen.jit) == ("mixed_bfloat16", False)
    assert len(asked) == 4
    table = "float32 30, bfloat16 99 (taken), float32 compiled 55, bfloat16 compiled 50"
    assert notes.said == [f"images/s, timed in 0 s: {table}", f"images/s as timed before: {table}"]
    speed.choose(replace(config, batch=4), "CPU", SILENT)
    assert len(asked) == 8


def test_what_found_no_memory_is_tried_again_the_next_time(config: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    full = {LOW}
    monkeypatch.setattr(speed, "measure", lambda choice, *_: Timing(choice, problem=speed.FULL) if choice in full else Timing(choice, 30.0))
    assert speed.choose(config, "CPU", SILENT).precision == "float32"
    full.clear()
    monkeypatch.setattr(speed, "measure", lambda choice, *_: Timing(choice, 90.0 if choice == LOW else 30.0))
    assert speed.choose(config, "CPU", SILENT).precision == "mixed_bfloat16"


def test_a_short_run_or_a_settled_choice_is_not_timed(config: RunConfig, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Timing:
        raise AssertionError

    monkeypatch.setattr(speed, "measure", never)
    short = replace(config, settings=settings(precision="auto", jit="auto", kimg=1))
    assert speed.choose(short, "CPU", SILENT).precision == "float32"
    settled = replace(config, settings=settings(precision="mixed_bfloat16", jit="on", kimg=300))
    chosen = speed.choose(settled, "CPU", SILENT)
    assert (chosen.precision, chosen.jit) == ("mixed_bfloat16", True)


def test_steps_are_timed_on_networks_that_are_thrown_away(config: RunConfig) -> None:
    timing = speed.measure(PLAIN, config, "CPU")
    assert timing.problem == ""
    assert timing.speed > 1
    hasty = speed.measure(PLAIN, config, "CPU", slowest=0.0)
    assert hasty.speed > 0


@pytest.mark.parametrize(("factor", "problem"), [(math.nan, "does not stay finite"), (None, "takes too much memory")])
def test_what_breaks_or_does_not_fit_is_not_chosen(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch, factor: float | None, problem: str
) -> None:
    import tensorflow as tf

    def make_step(gan: Any, *_: Any, **options: Any) -> Callable[[Any], None]:
        def step(real: Any) -> None:
            if factor is None:
                raise tf.errors.ResourceExhaustedError(None, None, "OOM")
            gan.steps.assign_add(1)
            gan.generator.weights[0].assign(gan.generator.weights[0] * factor)

        return step

    monkeypatch.setattr(backend, "make_step", make_step)
    timing = speed.measure(PLAIN, config, "CPU")
    assert (timing.problem, timing.speed) == (problem, 0.0)
    assert speed.fastest([timing]) is None
