from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.train.gan import MEASURES, Gan
from pipeline.train.presets import TrainSettings

Settings = Callable[..., TrainSettings]


def test_the_state_holds_every_variable_once(settings: Settings) -> None:
    gan = Gan(32, settings(ema=1), "float32")
    state = gan.state()
    assert len({id(variable) for variable in state.values()}) == len(state)
    for part in (gan.generator, gan.discriminator, gan.average, gan.g_optimizer, gan.d_optimizer):
        assert part is not None
        assert {id(variable) for variable in part.variables} <= {id(variable) for variable in state.values()}


def test_pictures_come_from_the_average_if_there_is_one(settings: Settings) -> None:
    averaged, plain = Gan(32, settings(ema=1), "float32"), Gan(32, settings(), "float32")
    assert averaged.sampler is averaged.average
    assert plain.sampler is plain.generator


def test_measures_are_means_until_forgotten(settings: Settings) -> None:
    gan = Gan(32, settings(), "float32")
    assert gan.measures() == {}
    gan.sums.assign(np.array([4, 2, 4, 8, 12, 2], np.float32))
    assert gan.measures() == dict(zip(MEASURES, [0.5, 1, 2, 3, 0.5], strict=True))
    gan.forget_measures()
    assert gan.measures() == {}


def test_rates_fall_by_the_stairs(settings: Settings) -> None:
    gan = Gan(32, settings("gandam", decay_steps=10), "float32")
    assert gan.rates() == pytest.approx({"learning_rate_d": 5e-5, "learning_rate_g": 5e-4})
    for steps, factor in ((9, 1), (10, 0.2), (29, 0.04)):
        gan.d_optimizer.iterations.assign(steps)
        assert gan.rates()["learning_rate_d"] == pytest.approx(5e-5 * factor)


def test_float16_scales_the_loss_of_both_optimizers(settings: Settings) -> None:
    gan = Gan(32, settings(), "mixed_float16")
    for optimizer in (gan.g_optimizer, gan.d_optimizer):
        assert float(optimizer.scale_loss(np.float32(1))) > 1000
    assert gan.rates()["learning_rate_g"] == pytest.approx(2e-4)


@pytest.mark.parametrize(("decay", "precision"), [(1.0, "float32"), (0.5, "float32"), (1.0, "mixed_float16")])
def test_slower_rates_are_a_share_of_the_settings_whatever_they_were(settings: Settings, decay: float, precision: str) -> None:
    made = settings(learning_rate_g=4e-4, learning_rate_d=2e-4, decay=decay, decay_steps=10)
    gan = Gan(32, made, precision)
    for factor in (0.5, 0.25):
        gan.slow_down(made, factor)
        assert gan.rates() == pytest.approx({"learning_rate_d": 2e-4 * factor, "learning_rate_g": 4e-4 * factor})
    inner = getattr(gan.g_optimizer, "inner_optimizer", gan.g_optimizer)
    inner.iterations.assign(10)
    assert gan.rates()["learning_rate_g"] == pytest.approx(1e-4 * decay)


def test_draws_of_neighbouring_seeds_lie_far_apart(settings: Settings) -> None:
    places = sorted(int(np.asarray(Gan(32, settings(seed=seed), "float32").seeds.state).sum()) for seed in range(3))
    assert min(after - before for before, after in itertools.pairwise(places)) > 10**8
