"""Inception FID and IS, when the user has the weights: those of `inception-2015-12-05`, which the published numbers are computed with.

The file is `pt_inception-2015-12-05-6726825d.pth` (95 MB), which pytorch-fid, torch-fidelity and clean-fid's users have: the network of
TensorFlow's frozen graph with its weights as torch writes them, read here without torch. The graph differs from the Inception v3 of
torchvision and Keras (1,008 classes, averages that leave out what lies beyond the border, one branch with a maximum), so their weights give
other numbers and are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import weights
from pipeline.errors import PipelineError
from pipeline.train import backends

SIDE = 299
WIDTH, CLASSES = 2048, 1008
BATCH = 16
EPSILON = 1e-3
HELP = "give pt_inception-2015-12-05-6726825d.pth, as pytorch-fid uses it"
FIRST, LAST = "Conv2d_1a_3x3.conv.weight", "fc.weight"


class Inception:
    """The network, ready to run. Raises PipelineError when the file is not readable or of another network."""

    def __init__(self, path: Path) -> None:
        stored = weights.read(path, HELP)
        if LAST not in stored or stored[LAST].shape != (CLASSES, WIDTH) or FIRST not in stored:
            raise PipelineError(f"{path}: weights of another network than the Inception of 2015-12-05; {HELP}")
        backends.load_any()
        try:
            self._network = network(stored)
        except (KeyError, ValueError) as error:
            raise PipelineError(f"{path}: not all of Inception's weights are there, or not of its shapes ({error}); {HELP}") from error
        self._last = np.asarray(stored[LAST], np.float32).T

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features, float32 (n, 2048), of pictures uint8 (n, height, width, 3).

        They are brought to 299 × 299 as pytorch-fid does it: bilinear, without antialiasing, which enlarges well and reduces badly.
        """
        import keras

        found = np.empty((len(pictures), WIDTH), np.float32)
        for start in range(0, len(pictures), BATCH):
            part = pictures[start : start + BATCH].astype(np.float32) / 127.5 - 1
            padded = np.concatenate([part, np.zeros((BATCH - len(part), *part.shape[1:]), np.float32)])
            sized = keras.ops.image.resize(padded, (SIDE, SIDE), "bilinear", data_format="channels_last")
            found[start : start + BATCH] = np.asarray(self._network.predict_on_batch(keras.ops.convert_to_numpy(sized)))[: len(part)]
        return found

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the network takes each picture for, (n, 1008); without the last layer's bias, as in the first publication of the score."""
        logits = (features @ self._last).astype(np.float64)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return found


def inception_score(probabilities: NDArray[np.float64], splits: int = 10) -> float:
    """exp(mean KL(p(y|x) ‖ p(y))), the mean over equal parts in order (Salimans et al. 2016, arXiv 1606.03498): 1 to the number of classes.

    The score grows with the pictures in a part: compare only numbers from as many.
    """
    found = []
    for part in np.array_split(probabilities, splits):
        whole = part.mean(axis=0, keepdims=True)
        terms = part * (np.log(np.maximum(part, 1e-300)) - np.log(np.maximum(whole, 1e-300)))
        found.append(np.exp(terms.sum(axis=1).mean()))
    return float(np.mean(found))


def frechet(one: NDArray[np.floating], two: NDArray[np.floating]) -> float:
    """Fréchet distance of Gaussians fitted to two sets of points (n, d), n ≥ 2: |μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½).

    Heusel et al. 2017 (arXiv 1706.08500). Biased upwards for few points: compare only numbers from as many. The trace of the root is
    the sum of the singular values of the product of both sets, centred and scaled: exact also with fewer points than dimensions.
    """
    means = [points.astype(np.float64).mean(axis=0) for points in (one, two)]
    centred = [(points - mean) / np.sqrt(len(points) - 1) for points, mean in zip((one, two), means, strict=True)]
    root = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    return float(((means[0] - means[1]) ** 2).sum() + sum((side**2).sum() for side in centred) - 2 * root)


def network(stored: weights.Weights) -> Any:
    """The Keras model (n, 299, 299, 3) in [-1, 1] → (n, 2048). Szegedy et al. 2015 (arXiv 1512.00567), as the frozen graph has it.

    Kernels' sizes come from the weights. Raises KeyError for a layer that is not there.
    """
    import keras

    layers, filled = keras.layers, []
    options: dict[str, Any] = {"data_format": "channels_last", "dtype": "float32"}

    def conv(x: Any, name: str, stride: int = 1, padding: str = "same") -> Any:
        scale = stored[f"{name}.bn.weight"] / np.sqrt(stored[f"{name}.bn.running_var"] + EPSILON)
        kernel = (stored[f"{name}.conv.weight"] * scale[:, None, None, None]).transpose(2, 3, 1, 0)
        bias = stored[f"{name}.bn.bias"] - stored[f"{name}.bn.running_mean"] * scale
        layer = layers.Conv2D(kernel.shape[3], kernel.shape[:2], strides=stride, padding=padding, activation="relu", **options)
        x = layer(x)
        filled.append((layer, [kernel.astype(np.float32), bias.astype(np.float32)]))
        return x

    def chain(x: Any, block: str, *names: str) -> Any:
        for name in names:
            x = conv(x, f"{block}.{name}")
        return x

    def halved(x: Any) -> Any:
        return layers.MaxPooling2D(3, 2, **options)(x)

    def pooled(x: Any, block: str, *, average: bool = True) -> Any:
        kind = layers.AveragePooling2D if average else layers.MaxPooling2D
        return conv(kind(3, 1, padding="same", **options)(x), f"{block}.branch_pool")

    def joined(*parts: Any) -> Any:
        return layers.Concatenate(dtype="float32")(list(parts))

    given = keras.Input((SIDE, SIDE, 3), dtype="float32")
    x = conv(given, "Conv2d_1a_3x3", 2, "valid")
    x = conv(x, "Conv2d_2a_3x3", padding="valid")
    x = halved(conv(x, "Conv2d_2b_3x3"))
    x = conv(x, "Conv2d_3b_1x1", padding="valid")
    x = halved(conv(x, "Conv2d_4a_3x3", padding="valid"))
    for block in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        double = chain(x, block, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")
        x = joined(chain(x, block, "branch1x1"), chain(x, block, "branch5x5_1", "branch5x5_2"), double, pooled(x, block))
    double = conv(chain(x, "Mixed_6a", "branch3x3dbl_1", "branch3x3dbl_2"), "Mixed_6a.branch3x3dbl_3", 2, "valid")
    x = joined(conv(x, "Mixed_6a.branch3x3", 2, "valid"), double, halved(x))
    for block in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        once = chain(x, block, *(f"branch7x7_{number}" for number in (1, 2, 3)))
        twice = chain(x, block, *(f"branch7x7dbl_{number}" for number in (1, 2, 3, 4, 5)))
        x = joined(chain(x, block, "branch1x1"), once, twice, pooled(x, block))
    small = conv(chain(x, "Mixed_7a", "branch3x3_1"), "Mixed_7a.branch3x3_2", 2, "valid")
    large = conv(chain(x, "Mixed_7a", *(f"branch7x7x3_{number}" for number in (1, 2, 3))), "Mixed_7a.branch7x7x3_4", 2, "valid")
    x = joined(small, large, halved(x))
    for block in ("Mixed_7b", "Mixed_7c"):
        one = chain(x, block, "branch3x3_1")
        two = chain(x, block, "branch3x3dbl_1", "branch3x3dbl_2")
        wide = [conv(part, f"{block}.{name}") for part, name in ((one, "branch3x3_2a"), (one, "branch3x3_2b"))]
        deep = [conv(part, f"{block}.{name}") for part, name in ((two, "branch3x3dbl_3a"), (two, "branch3x3dbl_3b"))]
        x = joined(chain(x, block, "branch1x1"), *wide, *deep, pooled(x, block, average=block == "Mixed_7b"))
    model = keras.Model(given, layers.GlobalAveragePooling2D(**options)(x), name="inception")
    for layer, values in filled:
        layer.set_weights(values)
    model.compile(jit_compile=False)
    return model
