"""EfficientNet-Lite0 as a Keras model with the weights of `pipeline.embed`: the same numbers, a good deal faster."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pipeline.embed import NAME, WIDTH, network, weights
from pipeline.train import backends

if TYPE_CHECKING:
    import keras

EMBEDDER = NAME
RESIZE = f"bicubic, antialiased, to {network.SIDE} px"
"""How pictures of another size come to the size that the network was trained at. It belongs to the metric: at 128 pixels it would rank
generators otherwise."""

BATCH = 32
"""Pictures at a time."""


class Embedder:
    """Pictures → embeddings, float32 (n, 1280), of 0 to 6. Raises PipelineError when the weights or the backend are missing."""

    def __init__(self) -> None:
        self._network = _shared(weights.find())

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Of uint8 pictures (n, height, width, 3), resized in 8 bits as `pipeline.embed` does."""
        return self._in_batches(pictures, _resized)

    def exactly(self, pictures: np.ndarray) -> np.ndarray:
        """Of float32 pictures (n, height, width, 3) in 0–255 that are never rounded, for differences smaller than a level."""
        return self._in_batches(pictures, _resized_floats)

    def _in_batches(self, pictures: np.ndarray, resize: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        found = np.empty((len(pictures), WIDTH), np.float32)
        for at in range(0, len(pictures), BATCH):
            part = resize(pictures[at : at + BATCH])
            # Always full batches: another shape would be traced anew.
            padded = np.zeros((BATCH, *part.shape[1:]), np.float32)
            padded[: len(part)] = (part - np.float32(127)) / np.float32(128)
            found[at : at + len(part)] = np.asarray(self._network.predict_on_batch(padded))[: len(part)]
        return found


@cache
def _shared(path: Path) -> keras.Model:
    """One network for a process: it takes seconds to make, and is never changed."""
    found = weights.read(path)
    backends.load_any()
    return build(network.Network(found))


def build(layers_of: network.Network) -> keras.Model:
    """The network as a Keras model: (n, 224, 224, 3) float32, (value - 127) / 128 → (n, 1280)."""
    import keras
    from keras import layers

    def across(x: keras.KerasTensor, layer: network.Layer) -> keras.KerasTensor:
        return _set(
            layers.Conv2D(layer.kernel.shape[1], 1, kernel_initializer="zeros", dtype="float32"), x, layer.kernel[None, None], layer
        )

    def relu6(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU(max_value=6, dtype="float32")(x)

    inputs = keras.Input((network.SIDE, network.SIDE, 3))
    stem = layers.Conv2D(len(layers_of.stem.bias), 3, strides=2, padding="same", kernel_initializer="zeros", dtype="float32")
    x = relu6(_set(stem, inputs, layers_of.stem.kernel.reshape(3, 3, 3, -1), layers_of.stem))
    for number, (expand, depthwise, project) in enumerate(layers_of.blocks):
        inner = x if expand is None else relu6(across(x, expand))
        convolution = layers.DepthwiseConv2D(
            len(depthwise.kernel),
            strides=network.STRIDES.get(number, 1),
            padding="same",
            depthwise_initializer="zeros",
            dtype="float32",
        )
        inner = relu6(_set(convolution, inner, depthwise.kernel[..., None], depthwise))
        inner = across(inner, project)
        x = layers.Add(dtype="float32")([x, inner]) if inner.shape == x.shape else inner
    x = layers.GlobalAveragePooling2D(dtype="float32")(relu6(across(x, layers_of.head)))
    model = keras.Model(inputs, x, name=NAME.replace("-", "_"), trainable=False)
    model.compile(jit_compile=False)  # XLA is 50 times slower at depthwise convolutions on a CPU
    return model


def _set(layer: keras.Layer, x: keras.KerasTensor, kernel: np.ndarray, weights_of: network.Layer) -> keras.KerasTensor:
    found = layer(x)
    layer.set_weights([kernel, weights_of.bias])
    return found


def _resized(pictures: np.ndarray) -> np.ndarray:
    side = network.SIDE
    if pictures.shape[1:3] != (side, side):
        pictures = np.stack([np.asarray(Image.fromarray(one).resize((side, side), Image.Resampling.BICUBIC)) for one in pictures])
    return pictures.astype(np.float32)


def _resized_floats(pictures: np.ndarray) -> np.ndarray:
    size = (network.SIDE, network.SIDE)
    channels = np.moveaxis(pictures.astype(np.float32), 3, 1)
    large = [[Image.fromarray(channel).resize(size, Image.Resampling.BICUBIC) for channel in one] for one in channels]
    found = np.moveaxis(np.array([[np.asarray(channel) for channel in one] for one in large]), 1, 3)
    clipped: np.ndarray = np.clip(found, 0, 255)  # a cubic overshoots, which 8 bits do not hold
    return clipped
