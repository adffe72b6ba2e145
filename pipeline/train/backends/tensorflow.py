"""One training step by TensorFlow: what `pipeline.train.objective` makes small, differentiated and applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from pipeline.train import objective
from pipeline.train.gan import Gan
from pipeline.train.presets import TrainSettings


def make_step(gan: Gan, settings: TrainSettings, batch: int, *, jit: bool = False, parts: int = 1) -> Callable[[Any], None]:
    """A function of one batch of real pictures (batch, size, size, 3), float32 in [-1, 1], that trains both networks on it.

    Both networks are updated from the same generated pictures; then the averaged generator and the sums of `gan.MEASURES`.
    `jit`: compiled by XLA. `parts`: the batch is passed through in so many equal parts one after the other, whose gradients are
    averaged, for memory that does not hold it at once.
    """

    def step(real: Any, penalised: bool) -> None:
        taken = [_gradients(gan, settings, part, batch, penalised) for part in (tf.split(real, parts) if parts > 1 else [real])]
        d_gradients, g_gradients, measures = (_mean(side) for side in zip(*taken, strict=True))
        gan.d_optimizer.apply(d_gradients, gan.discriminator.trainable_variables)
        gan.g_optimizer.apply(g_gradients, gan.generator.trainable_variables)
        gan.steps.assign_add(1)
        objective.follow(gan, settings, batch)
        gan.sums.assign_add(measures[0])

    plain = tf.function(lambda real: step(real, False), jit_compile=jit)
    penalised = tf.function(lambda real: step(real, True), jit_compile=jit)
    number = int(gan.steps)

    def train(real: Any) -> None:
        nonlocal number
        (penalised if objective.is_penalised(settings, number) else plain)(real)
        number += 1

    return train


def out_of_memory(error: BaseException) -> bool:
    """Whether this says that memory did not suffice."""
    return isinstance(error, (tf.errors.ResourceExhaustedError, MemoryError))


def _gradients(gan: Gan, settings: TrainSettings, real: Any, batch: int, penalised: bool) -> tuple[list[Any], list[Any], list[Any]]:
    """Scaled gradients for the discriminator and the generator, and the measures in a list of one."""
    with tf.GradientTape() as d_tape, tf.GradientTape() as g_tape:
        outcome = objective.play(gan, settings, real)
        d_loss = outcome.loss_d
        if penalised:
            with g_tape.stop_recording():
                d_loss = d_loss + _penalty(gan, settings, real, batch)
        d_scaled, g_scaled = gan.d_optimizer.scale_loss(d_loss), gan.g_optimizer.scale_loss(outcome.loss_g)
    d_gradients = d_tape.gradient(d_scaled, [weight.value for weight in gan.discriminator.trainable_variables])
    g_gradients = g_tape.gradient(g_scaled, [weight.value for weight in gan.generator.trainable_variables])
    return d_gradients, g_gradients, [outcome.measures]


def _penalty(gan: Gan, settings: TrainSettings, real: Any, batch: int) -> Any:
    images = objective.seen(gan, settings, real)
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = tf.reduce_sum(objective.penalised_logits(gan, images))
    return objective.penalty(gan, settings, tape.gradient(logits, images), batch)


def _mean(parts: tuple[list[Any], ...]) -> list[Any]:
    return [tf.add_n(same) / len(same) if len(same) > 1 else same[0] for same in zip(*parts, strict=True)]
