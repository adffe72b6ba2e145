"""Everything that a training run changes: two networks, their optimizers, the averaged generator, counters and random state."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from pipeline.train import networks
from pipeline.train.presets import TrainSettings

MEASURES = ("loss_d", "loss_g", "score_real", "score_fake", "accuracy_d")
"""What a step adds up. Scores are the discriminator's mean probability that real or generated pictures are real; its accuracy is the
share of both that it takes for what they are (0.5: a coin)."""


APART = 1_640_531_527
"""What seeds are multiplied with: PyTorch's draws are numbered by seed plus count, so those of neighbouring seeds would be each other's.
2³² less 2³² over the golden ratio (Knuth's multiplicative hashing): a thousand seeds come to lie a million and more apart."""


class Gan:
    """The trained state, as plain attributes. A step changes it; `state` names every variable, for checkpoints."""

    def __init__(self, size: int, settings: TrainSettings, precision: str) -> None:
        self.generator = networks.generator(size, settings, precision)
        self.discriminator = networks.discriminator(size, settings, precision)
        penalised = settings.r1_gamma != 0 and precision != "float32"
        self.exact_discriminator = networks.discriminator(size, settings) if penalised else self.discriminator
        """Computes in float32; it is given the trained weights with each call and its own are not used."""
        self.g_optimizer = _optimizer(settings.learning_rate_g, settings, precision)
        self.d_optimizer = _optimizer(settings.learning_rate_d, settings, precision)
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self.average = networks.generator(size, settings) if settings.ema else None
        self.seeds = keras.random.SeedGenerator(settings.seed * APART % 2**31)
        self.steps = keras.Variable(0, dtype="int64", trainable=False, name="steps")
        self.sums = keras.Variable(np.zeros(1 + len(MEASURES)), dtype="float32", trainable=False, name="sums")

    @property
    def sampler(self) -> keras.Model:
        """The generator to look at and to keep: the averaged one, if there is one."""
        return self.average or self.generator

    @property
    def parameters(self) -> tuple[int, int]:
        """Trained numbers of the generator and of the discriminator."""
        return tuple(sum(int(np.prod(v.shape)) for v in net.trainable_variables) for net in (self.generator, self.discriminator))  # type: ignore[return-value]

    def state(self) -> dict[str, keras.Variable]:
        """Every variable under a stable name."""
        groups: dict[str, Any] = {
            "generator": self.generator.variables,
            "discriminator": self.discriminator.variables,
            "average": self.average.variables if self.average else [],
            "g_optimizer": self.g_optimizer.variables,
            "d_optimizer": self.d_optimizer.variables,
            "own": [self.seeds.state, self.steps, self.sums],
        }
        return {f"{group}/{number:03d}": variable for group, variables in groups.items() for number, variable in enumerate(variables)}

    def slow_down(self, settings: TrainSettings, factor: float) -> None:
        """Learning rates of `factor` times the settings', whatever was restored. For a step that is made afterwards."""
        for optimizer, rate in ((self.g_optimizer, settings.learning_rate_g), (self.d_optimizer, settings.learning_rate_d)):
            getattr(optimizer, "inner_optimizer", optimizer).learning_rate = _rate(rate * factor, settings)

    def measures(self) -> dict[str, float]:
        """Means of `MEASURES` over the steps since `forget_measures`; empty without a step."""
        count, *sums = (float(value) for value in np.asarray(self.sums))
        return {name: value / count for name, value in zip(MEASURES, sums, strict=True)} if count else {}

    def forget_measures(self) -> None:
        """Begin new means."""
        self.sums.assign(np.zeros(1 + len(MEASURES)))

    def rates(self) -> dict[str, float]:
        """The learning rates in force."""
        rates = {"learning_rate_d": self.d_optimizer, "learning_rate_g": self.g_optimizer}
        return {
            name: float(ops.convert_to_numpy(getattr(optimizer, "inner_optimizer", optimizer).learning_rate))
            for name, optimizer in rates.items()
        }


def _optimizer(rate: float, settings: TrainSettings, precision: str) -> keras.optimizers.Optimizer:
    """Adam with a staircase decay. float16 gradients underflow, so there each optimizer scales its own loss."""
    adam = keras.optimizers.Adam(_rate(rate, settings), beta_1=settings.beta1, beta_2=settings.beta2)
    return keras.optimizers.LossScaleOptimizer(adam) if precision == "mixed_float16" else adam


def _rate(rate: float, settings: TrainSettings) -> Any:
    if settings.decay == 1:
        return rate
    return keras.optimizers.schedules.ExponentialDecay(rate, settings.decay_steps, settings.decay, staircase=True)
