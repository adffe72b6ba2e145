from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate2d

from pipeline.embed import network
from pipeline.embed.network import Layer


@pytest.mark.parametrize(("size", "kernel", "stride"), [((7, 9), 3, 1), ((8, 6), 3, 2), ((7, 7), 5, 2), ((6, 11), 5, 1)])
def test_depthwise_convolution_is_that_of_scipy(size: tuple[int, int], kernel: int, stride: int) -> None:
    chance = np.random.default_rng(1)
    values = chance.standard_normal((2, *size, 3)).astype(np.float32)
    layer = Layer(chance.standard_normal((kernel, kernel, 3)).astype(np.float32), chance.standard_normal(3).astype(np.float32))
    found = network._depthwise(values, layer, stride)
    padded, height, width = network._padded(values, kernel, stride)
    assert found.shape == (2, height, width, 3) == (2, -(-size[0] // stride), -(-size[1] // stride), 3)
    for image in range(2):
        for channel in range(3):
            whole = correlate2d(padded[image, :, :, channel], layer.kernel[:, :, channel], mode="valid")[::stride, ::stride]
            assert found[image, :, :, channel] == pytest.approx(whole[:height, :width] + layer.bias[channel], abs=1e-4)


def test_padding_is_tensorflows_same() -> None:
    padded, height, width = network._padded(np.ones((1, 224, 7, 1), np.float32), 3, 2)
    assert (height, width) == (112, 4)
    assert padded.shape == (1, 225, 9, 1)
    assert padded[0, 0, 1, 0] == 1  # nothing before: TensorFlow puts the odd one behind
    assert padded[0, -1].max() == padded[0, :, 0].max() == 0


def test_batch_normalisation_is_folded_in() -> None:
    chance = np.random.default_rng(2)
    weights = {"c.weight": chance.standard_normal((4, 3, 1, 1)), "n.weight": chance.random(4), "n.bias": chance.random(4)}
    weights |= {"n.running_mean": chance.random(4), "n.running_var": chance.random(4) + 0.5}
    values = chance.standard_normal((5, 3)).astype(np.float32)
    layer = network._pointwise(weights, "c", "n")
    before = values @ weights["c.weight"][:, :, 0, 0].T
    wanted = (before - weights["n.running_mean"]) / np.sqrt(weights["n.running_var"] + 1e-3) * weights["n.weight"] + weights["n.bias"]
    assert network._across(values, layer) == pytest.approx(wanted, abs=1e-5)
