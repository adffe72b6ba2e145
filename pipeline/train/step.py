"""One training step, for TensorFlow. Networks, losses and augmentation are backend-neutral; gradients are taken here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from pipeline.train import losses
from pipeline.train.augment import augment
from pipeline.train.gan import Gan
from pipeline.train.presets import TrainSettings

EMA_RAMP = 0.05
"""Early on the average's half-life is this share of the images shown so far, as in Karras et al. 2020 (arXiv 2006.06676)."""


def make_step(gan: Gan, settings: TrainSettings, batch: int) -> Callable[[Any], None]:
    """A compiled function of one batch of real pictures (batch, size, size, 3), float32 in [-1, 1].

    Both networks are updated from the same generated pictures; then the averaged generator and the sums of `gan.MEASURES`.
    """

    def step(real: Any) -> None:
        noise = latents(settings, batch, gan.seeds)
        with tf.GradientTape() as d_tape, tf.GradientTape() as g_tape:
            fake = gan.generator(noise, training=True)
            # Two passes, not one over both: batch normalisation must not mix real and generated pictures.
            real_logits = gan.discriminator(augment(real, settings.augment, gan.seeds), training=True)
            fake_logits = gan.discriminator(augment(fake, settings.augment, gan.seeds), training=True)
            real_labels, fake_labels = labels(settings, batch, gan.seeds)
            d_loss = losses.discriminator_loss(real_logits, fake_logits, real_labels, fake_labels)
            g_loss = losses.generator_loss(fake_logits)
            d_scaled = gan.d_optimizer.scale_loss(d_loss)
            g_scaled = gan.g_optimizer.scale_loss(g_loss)
        d_weights, g_weights = gan.discriminator.trainable_variables, gan.generator.trainable_variables
        d_gradients = d_tape.gradient(d_scaled, [weight.value for weight in d_weights])
        g_gradients = g_tape.gradient(g_scaled, [weight.value for weight in g_weights])
        gan.d_optimizer.apply(d_gradients, d_weights)
        gan.g_optimizer.apply(g_gradients, g_weights)
        gan.steps.assign_add(1)
        if gan.average is not None:
            _follow(gan.average, gan.generator, _keep(gan.steps, settings.ema, batch))
        scores = [ops.mean(ops.sigmoid(logits)) for logits in (real_logits, fake_logits)]
        gan.sums.assign_add(ops.stack([ops.ones(()), d_loss, g_loss, *scores]))

    compiled: Callable[[Any], None] = tf.function(step)
    return compiled


def latents(settings: TrainSettings, count: int, seeds: keras.random.SeedGenerator) -> Any:
    """Random latents (count, latent) of the settings' prior."""
    if settings.prior == "uniform":
        return keras.random.uniform((count, settings.latent), -1.0, 1.0, seed=seeds)
    return keras.random.normal((count, settings.latent), seed=seeds)


def labels(settings: TrainSettings, count: int, seeds: keras.random.SeedGenerator) -> tuple[Any, Any]:
    """What the discriminator is told of real and of generated pictures: 1 and 0, moved inwards by up to `label_noise`."""
    if not settings.label_noise:
        return 1.0, 0.0
    noise = keras.random.uniform((2, count, 1), 0.0, settings.label_noise, seed=seeds)
    return 1.0 - noise[0], noise[1]


def _keep(steps: keras.Variable, kimg: float, batch: int) -> Any:
    """The share of the average that stays in one step."""
    shown = ops.cast(steps.value, "float32") * batch
    half_life = ops.minimum(kimg * 1000.0, shown * EMA_RAMP)
    return ops.power(0.5, batch / half_life)


def _follow(average: keras.Model, generator: keras.Model, keep: Any) -> None:
    for mean, now in zip(average.variables, generator.variables, strict=True):
        mean.assign(now + (mean - now) * keep)
