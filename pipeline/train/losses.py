"""The losses of the two networks, on logits, and the registry that `loss` in the settings names them by.

Pure functions on `keras.ops`; each takes logits of shape (batch, 1) and returns a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops


@dataclass(frozen=True)
class Loss:
    """`discriminator(real, fake, real_labels, fake_labels)` and `generator(fake)`, both to be made small."""

    discriminator: Callable[..., Any]
    generator: Callable[[Any], Any]


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Mean binary cross entropy of logits against labels in [0, 1]: softplus(x) - y·x, since `-log sigmoid(x)` is `softplus(-x)`."""
    return ops.mean(ops.softplus(logits) - labels * logits)


def discriminator_loss(real: Any, fake: Any, real_labels: Any = 1.0, fake_labels: Any = 0.0) -> Any:
    """Cross entropy of real pictures against 1 plus that of generated ones against 0, or the labels given (arXiv 1406.2661)."""
    return cross_entropy(real, real_labels) + cross_entropy(fake, fake_labels)


def generator_loss(fake: Any) -> Any:
    """The non-saturating loss: cross entropy of generated pictures against 1 (arXiv 1406.2661, section 3)."""
    return cross_entropy(fake, 1.0)


def hinge_discriminator_loss(real: Any, fake: Any, real_labels: Any = 1.0, fake_labels: Any = 0.0) -> Any:
    """max(0, 1 - real) + max(0, 1 + fake), means over pictures (arXiv 1705.02894); it knows no labels, so those given are not used."""
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def hinge_generator_loss(fake: Any) -> Any:
    """The mean logit of generated pictures, negated."""
    return -ops.mean(fake)


LOSSES = {
    "non-saturating": Loss(discriminator_loss, generator_loss),
    "hinge": Loss(hinge_discriminator_loss, hinge_generator_loss),
}
