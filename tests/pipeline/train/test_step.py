from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.train import step
from pipeline.train.gan import Gan
from pipeline.train.presets import TrainSettings

Settings = Callable[..., TrainSettings]


def _weights(net: keras.Model) -> list[np.ndarray]:
    return [variable.numpy().copy() for variable in net.trainable_variables]


def _pictures(count: int = 8) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (count, 32, 32, 3)).astype(np.float32)


def test_a_step_changes_every_weight_of_both_networks_and_counts(settings: Settings) -> None:
    made = settings(augment="color,translation", label_noise=0.1, d_norm="none")
    gan = Gan(32, made, "float32")
    before = _weights(gan.generator) + _weights(gan.discriminator)
    step.make_step(gan, made, 8)(_pictures())
    after = _weights(gan.generator) + _weights(gan.discriminator)
    assert all((a != b).any() for a, b in zip(before, after, strict=True))
    assert int(gan.steps) == 1
    measures = gan.measures()
    assert 0 < measures["loss_d"] < 3
    assert 0 < measures["score_real"] < 1


def test_the_discriminator_learns_to_tell_and_the_generator_to_please(settings: Settings) -> None:
    made = settings(learning_rate_g=1e-5, learning_rate_d=1e-2)
    gan = Gan(32, made, "float32")
    train = step.make_step(gan, made, 8)
    for _ in range(20):
        train(_pictures())
    assert gan.measures()["score_real"] > gan.measures()["score_fake"] + 0.2
    made = settings(learning_rate_g=1e-2, learning_rate_d=1e-7)
    gan = Gan(32, made, "float32")
    train = step.make_step(gan, made, 8)
    train(_pictures())
    before = gan.measures()["loss_g"]
    gan.forget_measures()
    for _ in range(20):
        train(_pictures())
    assert gan.measures()["loss_g"] < before


def test_the_average_follows_with_the_ramp_and_then_the_half_life(settings: Settings) -> None:
    made = settings(ema=0.001)  # half-life of one picture, longer than the ramp allows only at first: 5% of 8 shown
    gan = Gan(32, made, "float32")
    assert gan.average is not None
    train = step.make_step(gan, made, 8)
    for half_life in (0.4, 0.8, 1.0, 1.0):
        before = _weights(gan.average)
        train(_pictures())
        keep = 0.5 ** (8 / half_life)
        for old, new, now in zip(before, _weights(gan.average), _weights(gan.generator), strict=True):
            np.testing.assert_allclose(new, now + (old - now) * keep, rtol=1e-5, atol=1e-7)


def test_float16_skips_a_step_that_overflows_and_goes_on(settings: Settings) -> None:
    made = settings()
    gan = Gan(32, made, "mixed_float16")
    train = step.make_step(gan, made, 8)
    before = _weights(gan.discriminator)
    train(_pictures() * np.inf)
    assert all((a == b).all() for a, b in zip(before, _weights(gan.discriminator), strict=True))
    assert float(gan.d_optimizer.dynamic_scale) == 2.0**14


def test_labels_move_inwards_by_no_more_than_the_noise(settings: Settings) -> None:
    seeds = keras.random.SeedGenerator(0)
    assert step.labels(settings(), 8, seeds) == (1.0, 0.0)
    real, fake = (np.asarray(side) for side in step.labels(settings(label_noise=0.1), 200, seeds))
    assert real.shape == fake.shape == (200, 1)
    assert 0.9 <= real.min() < 0.91 < 0.99 < real.max() <= 1
    assert 0 <= fake.min() < 0.01 < 0.09 < fake.max() <= 0.1


@pytest.mark.parametrize(("prior", "low", "deviation"), [("uniform", -1.0, 3**-0.5), ("normal", -10.0, 1.0)])
def test_latents_are_of_the_prior(settings: Settings, prior: str, low: float, deviation: float) -> None:
    drawn = np.asarray(step.latents(settings(prior=prior, latent=100), 200, keras.random.SeedGenerator(0)))
    assert drawn.shape == (200, 100)
    assert drawn.min() >= low
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    assert abs(drawn.mean()) < 0.02
