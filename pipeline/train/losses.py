"""The losses of Goodfellow et al. 2014 (arXiv 1406.2661), on logits: `-log sigmoid(x)` is `softplus(-x)`.

Pure functions on `keras.ops`; each takes logits of shape (batch, 1) and returns a scalar.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Mean binary cross entropy of logits against labels in [0, 1]: softplus(x) - y·x."""
    return ops.mean(ops.softplus(logits) - labels * logits)


def discriminator_loss(real: Any, fake: Any, real_labels: Any = 1.0, fake_labels: Any = 0.0) -> Any:
    """Cross entropy of real pictures against 1 plus that of generated ones against 0 (or the labels given)."""
    return cross_entropy(real, real_labels) + cross_entropy(fake, fake_labels)


def generator_loss(fake: Any) -> Any:
    """The non-saturating loss: cross entropy of generated pictures against 1."""
    return cross_entropy(fake, 1.0)
