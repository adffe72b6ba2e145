"""EfficientNet-Lite0 (Tan & Le 2019, without squeeze-and-excitation and with ReLU6) as NumPy arithmetic on N×H×W×C arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 224
"""Pixels on a side that the network was trained at."""

WIDTH = 1280
"""Channels of the last layer."""

_EPSILON = 1e-3
STRIDES = {1: 2, 3: 2, 5: 2, 11: 2}
"""Of the blocks that halve the size."""

_BLOCKS = 16

_CACHED = 131_072
"""Numbers that are worked on at a time: they stay in the processor's cache."""

Maps = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """A convolution with its batch normalisation folded in. `kernel`: k×k×C (depthwise) or in×out (pointwise)."""

    kernel: Maps
    bias: Maps


class Network:
    """The layers, ready to run. Stateless once made; may be used by several threads."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        stem = _folded(weights, "_conv_stem", "_bn0")
        # Whoever builds the same network elsewhere (pipeline.train.metrics) takes the layers from here.
        self.stem = Layer(stem.kernel.transpose(2, 3, 1, 0).reshape(-1, stem.kernel.shape[0]).copy(), stem.bias)
        self.blocks = [_block(weights, f"_blocks.{number}.") for number in range(_BLOCKS)]
        self.head = _pointwise(weights, "_conv_head", "_bn1")

    def maps(self, images: NDArray[np.uint8]) -> Maps:
        """The last feature maps, n×7×7×1280 float32 in 0–6, of uint8 n×224×224×3 pictures (RGB)."""
        found: Maps = (images.astype(np.float32) - np.float32(127)) / np.float32(128)
        found = _relu6(_convolved(found, self.stem))
        for number, (expand, depthwise, project) in enumerate(self.blocks):
            inner = found if expand is None else _relu6(_across(found, expand))
            inner = _relu6(_depthwise(inner, depthwise, STRIDES.get(number, 1)))
            inner = _across(inner, project)
            found = found + inner if inner.shape == found.shape else inner
        return _relu6(_across(found, self.head))


def _block(weights: Mapping[str, NDArray[Any]], name: str) -> tuple[Layer | None, Layer, Layer]:
    expand = _pointwise(weights, f"{name}_expand_conv", f"{name}_bn0") if f"{name}_expand_conv.weight" in weights else None
    depthwise = _folded(weights, f"{name}_depthwise_conv", f"{name}_bn1")
    across = Layer(depthwise.kernel[:, 0].transpose(1, 2, 0).copy(), depthwise.bias)
    return expand, across, _pointwise(weights, f"{name}_project_conv", f"{name}_bn2")


def _pointwise(weights: Mapping[str, NDArray[Any]], convolution: str, norm: str) -> Layer:
    layer = _folded(weights, convolution, norm)
    return Layer(layer.kernel[:, :, 0, 0].T.copy(), layer.bias)


def _folded(weights: Mapping[str, NDArray[Any]], convolution: str, norm: str) -> Layer:
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + _EPSILON)
    kernel = weights[f"{convolution}.weight"] * scale[:, None, None, None]
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return Layer(kernel.astype(np.float32), bias.astype(np.float32))


def _across(values: Maps, layer: Layer) -> Maps:
    """A pointwise convolution."""
    found: Maps = values @ layer.kernel + layer.bias
    return found


def _relu6(values: Maps) -> Maps:
    return np.clip(values, 0, 6, out=values)


def _padded(values: Maps, kernel: int, stride: int) -> tuple[Maps, int, int]:
    """The maps with zeros around as TensorFlow's SAME puts them, and the size of the output."""
    sizes, margins = [], []
    for length in values.shape[1:3]:
        size = -(-length // stride)
        total = max((size - 1) * stride + kernel - length, 0)
        sizes.append(size)
        margins.append((total // 2, total - total // 2))
    return np.pad(values, ((0, 0), *margins, (0, 0))), sizes[0], sizes[1]


def _depthwise(values: Maps, layer: Layer, stride: int) -> Maps:
    side = len(layer.kernel)
    padded, height, width = _padded(values, side, stride)
    found = np.empty((len(values), height, width, values.shape[3]), np.float32)
    band = max(1, _CACHED // found[0, 0].size)
    part = np.empty((band, *found.shape[2:]), np.float32)
    for image, into in zip(padded, found, strict=True):
        for top in range(0, height, band):
            rows = min(band, height - top)
            total, product = into[top : top + rows], part[:rows]
            total[:] = layer.bias
            for y in range(side):
                for x in range(side):
                    low = top * stride + y
                    seen = image[low : low + (rows - 1) * stride + 1 : stride, x : x + (width - 1) * stride + 1 : stride]
                    np.multiply(seen, layer.kernel[y, x], out=product)
                    total += product
    return found


def _convolved(values: Maps, layer: Layer) -> Maps:
    """The stem: 3 × 3 with stride 2, its kernel as (3·3·in)×out."""
    padded, height, width = _padded(values, 3, 2)
    parts = [padded[:, y : y + 2 * height - 1 : 2, x : x + 2 * width - 1 : 2] for y in range(3) for x in range(3)]
    found: Maps = np.concatenate(parts, axis=3) @ layer.kernel + layer.bias
    return found
