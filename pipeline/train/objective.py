"""What one step of training makes small, for either backend: the draws, the passes through both networks, the losses.

Gradients are taken by the backend, which calls these functions while it records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from pipeline.train import losses, penalties
from pipeline.train.augment import augment, mirror
from pipeline.train.gan import Gan
from pipeline.train.presets import TrainSettings

EMA_RAMP = 0.05
"""Early on the average's half-life is this share of the images shown so far, as in Karras et al. 2020 (arXiv 2006.06676)."""


@dataclass(frozen=True)
class Outcome:
    """Scalars: the two losses, and what is added to `gan.sums` (a vector: 1 and the values of `gan.MEASURES`)."""

    loss_d: Any
    loss_g: Any
    measures: Any


def play(gan: Gan, settings: TrainSettings, real: Any) -> Outcome:
    """Both networks' losses on real pictures (n, size, size, 3), float32 in [-1, 1], and as many generated ones.

    Both losses go through the same generated pictures, so that one pass through each network serves both.
    """
    count = real.shape[0]
    fake = gan.generator(latents(settings, count, gan.seeds), training=True)
    # Two passes, not one over both: batch normalisation must not mix real and generated pictures.
    real_logits = gan.discriminator(seen(gan, settings, real), training=True)
    fake_logits = gan.discriminator(augment(fake, settings.augment, gan.seeds), training=True)
    real_labels, fake_labels = labels(settings, count, gan.seeds)
    loss = losses.LOSSES[settings.loss]
    d_loss, g_loss = loss.discriminator(real_logits, fake_logits, real_labels, fake_labels), loss.generator(fake_logits)
    right = [ops.mean(ops.cast(side, "float32")) for side in (real_logits > 0, fake_logits < 0)]
    scores = [ops.mean(ops.sigmoid(logits)) for logits in (real_logits, fake_logits)]
    return Outcome(d_loss, g_loss, ops.stack([ops.ones(()), d_loss, g_loss, *scores, (right[0] + right[1]) / 2.0]))


def seen(gan: Gan, settings: TrainSettings, real: Any) -> Any:
    """Real pictures as the discriminator is shown them: mirrored if the settings ask for it, then augmented."""
    return augment(mirror(real, gan.seeds) if settings.mirror else real, settings.augment, gan.seeds)


def penalty(gan: Gan, settings: TrainSettings, gradients: Any, batch: int) -> Any:
    """R1 as it is added to the loss of every `r1_every`th step, and so times `r1_every` (lazily: arXiv 1912.04958, appendix B)."""
    size = int(gradients.shape[1])
    gamma = penalties.r1_gamma(size, batch) if settings.r1_gamma == "auto" else float(settings.r1_gamma)
    return penalties.r1(gradients, gamma * settings.r1_every)


def penalised_logits(gan: Gan, images: Any) -> Any:
    """The discriminator's logits in float32, whatever precision it trains in: squares of small gradients need it."""
    weights, others = gan.discriminator.trainable_variables, gan.discriminator.non_trainable_variables
    logits, _ = gan.exact_discriminator.stateless_call(
        [weight.value for weight in weights], [other.value for other in others], images, training=True
    )
    return logits


def is_penalised(settings: TrainSettings, step: int) -> bool:
    """Whether step number `step` (from 0) carries the penalty."""
    return settings.r1_gamma != 0 and step % settings.r1_every == 0


def update(gan: Gan, settings: TrainSettings, batch: int, d_gradients: Any, g_gradients: Any, measures: Any) -> None:
    """The end of a step: both optimizers, the count, the averaged generator, the sums of `gan.MEASURES`."""
    gan.d_optimizer.apply(d_gradients, gan.discriminator.trainable_variables)
    gan.g_optimizer.apply(g_gradients, gan.generator.trainable_variables)
    gan.steps.assign_add(1)
    follow(gan, settings, batch)
    gan.sums.assign_add(measures)


def follow(gan: Gan, settings: TrainSettings, batch: int) -> None:
    """Move the averaged generator towards the trained one; `gan.steps` has been counted up already."""
    if gan.average is None:
        return
    shown = ops.cast(gan.steps.value, "float32") * batch
    keep = ops.power(0.5, batch / ops.minimum(settings.ema * 1000.0, shown * EMA_RAMP))
    for mean, now in zip(gan.average.variables, gan.generator.variables, strict=True):
        mean.assign(now + (mean - now) * keep)


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
