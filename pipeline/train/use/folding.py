"""A generator's layers as plain matrices, with batch normalisation folded into the convolution before it (as it is after training)."""

from __future__ import annotations

from typing import Any

import numpy as np


def folded(layer: Any, norm: Any) -> tuple[np.ndarray, np.ndarray]:
    """A transposed convolution's kernel in ONNX' order (in, out, height, width) and its bias (out,), with the normalisation after it."""
    kernel = _exact(layer.kernel)  # (height, width, out, in)
    bias = _exact(layer.bias) if layer.use_bias else np.zeros(kernel.shape[2])
    if norm is not None:
        scale = _exact(norm.gamma) / np.sqrt(_exact(norm.moving_variance) + norm.epsilon)
        kernel = kernel * scale[:, None]
        bias = (bias - _exact(norm.moving_mean)) * scale + _exact(norm.beta)
    return kernel.transpose(3, 2, 0, 1).astype(np.float32), bias.astype(np.float32)


def _exact(weight: Any) -> np.ndarray:
    from keras import ops

    values: np.ndarray = ops.convert_to_numpy(weight).astype(np.float64)
    return values


def is_transposed(layer: Any) -> bool:
    """Whether it is a transposed convolution, of whatever kind."""
    from keras.layers import Conv2DTranspose

    return isinstance(layer, Conv2DTranspose)


def with_norms(network: Any) -> list[tuple[Any, Any]]:
    """The layers in order, each with the batch normalisation that follows it, or None."""
    paired: list[tuple[Any, Any]] = []
    for layer in network.layers:
        kind = type(layer).__name__
        if kind == "BatchNormalization" and paired and is_transposed(paired[-1][0]):
            paired[-1] = (paired[-1][0], layer)
        elif kind != "InputLayer":
            paired.append((layer, None))
    return paired
