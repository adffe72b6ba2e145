"""The two networks of a DCGAN, for pictures of 32, 64, 128 and 256 pixels.

Both are convolutions all through, as in Radford et al. 2015 (arXiv 1511.06434): the paper's "project and reshape" is the
transposed convolution of a 1x1 map to 4x4, its flattened sigmoid output a 4x4 convolution to 1x1 (here without the sigmoid: the
losses take logits). Every layer in between doubles or halves the side.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers, ops

from pipeline.train.presets import TrainSettings

SIZES = (32, 64, 128, 256)
"""Sides of pictures, in pixels, that there are networks for."""

WIDEST = 1024
"""The paper's largest number of feature maps; more would only cost memory."""


def width(settings: TrainSettings, size: int, side: int) -> int:
    """Feature maps at `side` pixels in networks for `size`: `channels` at half the size, doubled with each halving."""
    return min(settings.channels * size // 2 // side, max(WIDEST, settings.channels))


def generator(size: int, settings: TrainSettings, precision: str = "float32") -> keras.Model:
    """Latents (batch, latent) → pictures (batch, size, size, 3), float32 in [-1, 1]."""
    start = _weights(settings.seed, settings, "fan_out")  # Keras calls a transposed convolution's inputs so
    inputs = keras.Input((settings.latent,))
    x = layers.Reshape((1, 1, settings.latent), dtype=precision)(inputs)
    x = layers.Conv2DTranspose(width(settings, size, 4), 4, use_bias=False, kernel_initializer=start, dtype=precision, name="to_4")(x)
    side = 4
    while side < size:
        x = layers.ReLU(dtype=precision)(_norm(precision)(x))
        side *= 2
        filters = 3 if side == size else width(settings, size, side)
        form = {"use_bias": side == size, "kernel_initializer": start, "dtype": precision, "name": f"to_{side}"}
        if settings.upsampling == "nearest":
            x = UpsampledConv2D(filters, **form)(x)
        else:
            x = layers.Conv2DTranspose(filters, settings.kernel, strides=2, padding="same", **form)(x)
    return keras.Model(inputs, layers.Activation("tanh", dtype="float32")(x), name="generator")


def discriminator(size: int, settings: TrainSettings, precision: str = "float32") -> keras.Model:
    """Pictures (batch, size, size, 3) in [-1, 1] → logits (batch, 1), float32; larger means more real."""
    start = _weights(settings.seed + 1, settings, "fan_in")
    inputs = keras.Input((size, size, 3))
    x: Any = inputs
    side = size
    while side > 4:
        normed = settings.d_norm == "batch" and side < size
        side //= 2
        down = layers.Conv2D(
            width(settings, size, side),
            settings.kernel,
            strides=2,
            padding="same",
            use_bias=not normed,
            kernel_initializer=start,
            dtype=precision,
            name=f"to_{side}",
        )
        x = down(x)
        if normed:
            x = _norm(precision)(x)
        x = layers.LeakyReLU(negative_slope=0.2, dtype=precision)(x)
        if settings.dropout:
            x = layers.Dropout(settings.dropout, seed=settings.seed + 2 + side, dtype=precision)(x)
    if settings.minibatch_stddev:
        x = MinibatchStddev(dtype=precision)(x)
    x = layers.Conv2D(1, 4, kernel_initializer=start, dtype=precision, name="to_1")(x)
    return keras.Model(inputs, layers.Reshape((1,), dtype="float32")(x), name="discriminator")


@keras.saving.register_keras_serializable("pipeline")
class MinibatchStddev(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """One more feature map, of how much pictures differ: the standard deviation of each feature over `GROUP` pictures, averaged.

    Karras et al. 2018 (arXiv 1710.10196, section 3). (batch, side, side, channels) → (batch, side, side, channels + 1); a batch is cut into
    groups of the largest size up to `GROUP` that divides it. A batch that is passed through in parts has its groups within each part, so
    parts of fewer than `GROUP` pictures tell less than the whole batch would.
    """

    GROUP = 4

    def call(self, x: Any) -> Any:
        """Add the feature map."""
        count, height, width, channels = x.shape
        group = math.gcd(count, self.GROUP) if count else 1
        grouped = ops.cast(ops.reshape(x, (group, -1, height, width, channels)), "float32")
        spread = ops.sqrt(ops.var(grouped, axis=0) + 1e-8)
        told = ops.mean(spread, axis=(1, 2, 3), keepdims=True)
        told = ops.tile(told, (group, height, width, 1))
        return ops.concatenate([x, ops.cast(told, x.dtype)], axis=3)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One channel more."""
        return (*input_shape[:3], (input_shape[3] or 0) + 1)


@keras.saving.register_keras_serializable("pipeline")
class UpsampledConv2D(layers.Conv2DTranspose):  # type: ignore[misc]  # Keras has no types
    """A 3x3 convolution after doubling the sides by repeating each pixel (nearest neighbour): no checkerboard (Odena et al. 2016,
    https://doi.org/10.23915/distill.00003), and as fast as a transposed convolution of 4x4 pixels, which it is.

    Of the nine products that make a pixel some are with copies of one pixel, so their weights are added up first: `kernel` (4, 4, filters,
    channels) is what is trained (3, 3, filters, channels) at each of the four places of the copies, summed.
    """

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(filters, **({"kernel_size": 4, "strides": 2, "padding": "same"} | options))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        self.small = self.add_weight(shape=(3, 3, self.filters, input_shape[-1]), initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias") if self.use_bias else None

    @property
    def kernel(self) -> Any:
        """Of the transposed convolution."""
        places = [(down, across) for down in (0, 1) for across in (0, 1)]
        return sum(ops.pad(self.small, [[down, 1 - down], [across, 1 - across], [0, 0], [0, 0]]) for down, across in places)


def _weights(seed: int, settings: TrainSettings, inputs: str) -> keras.initializers.Initializer:
    """What new weights are drawn from; `inputs`: what Keras calls the number of inputs that an output is the sum of."""
    generator = keras.random.SeedGenerator(seed)
    if settings.init == "he":
        return keras.initializers.VarianceScaling(2.0, inputs, "untruncated_normal", seed=generator)
    return keras.initializers.RandomNormal(0.0, 0.02, seed=generator)


def _norm(precision: str) -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, dtype=precision)
