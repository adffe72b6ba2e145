"""What the discriminator's loss is charged with beyond telling real from generated. Pure functions on `keras.ops`."""

from __future__ import annotations

from typing import Any

from keras import ops

R1_SCALE = 0.0002
"""Of the automatic strength, from Karras et al. 2020 (arXiv 2006.06676, appendix C): gamma = 0.0002 · side² / batch."""


def r1_gamma(size: int, batch: int) -> float:
    """The automatic strength of R1 for pictures of `size` pixels a side, shown in batches of `batch`."""
    return R1_SCALE * size**2 / batch


def r1(gradients: Any, gamma: float) -> Any:
    """R1 of Mescheder et al. 2018 (arXiv 1801.04406): gamma / 2 · mean over pictures of |gradient|².

    `gradients` (batch, side, side, channels): of the sum of the discriminator's logits, by the real pictures it saw.
    """
    return gamma / 2.0 * ops.mean(ops.sum(ops.square(ops.cast(gradients, "float32")), axis=(1, 2, 3)))
