"""DiffAugment: random changes to everything the discriminator sees, through which the generator still learns.

Zhao et al. 2020, arXiv 2006.10738. Real and generated pictures pass the same kind of change, so the generator never learns to
make changed ones, and the discriminator can no longer know a small collection by heart. Strengths are the paper's.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def augment(images: Any, kinds: str, seeds: keras.random.SeedGenerator) -> Any:
    """Pictures (batch, size, size, 3) float32, each changed in its own way. `kinds`: "", or names joined by commas."""
    for kind in filter(None, kinds.split(",")):
        images = KINDS[kind](images, seeds)
    return images


def mirror(images: Any, seeds: keras.random.SeedGenerator) -> Any:
    """Pictures (batch, side, side, 3), each mirrored or not by the toss of a coin. No part of DiffAugment: generated ones are not."""
    tossed = keras.random.uniform((ops.shape(images)[0], 1, 1, 1), seed=seeds) < 0.5
    return ops.where(tossed, ops.flip(images, axis=2), images)


def color(images: Any, seeds: keras.random.SeedGenerator) -> Any:
    """Brightness moved by up to 0.5 either way, saturation times 0 to 2, contrast times 0.5 to 1.5."""
    shape = (ops.shape(images)[0], 1, 1, 1)
    images = images + keras.random.uniform(shape, -0.5, 0.5, seed=seeds)
    grey = ops.mean(images, axis=3, keepdims=True)
    images = (images - grey) * keras.random.uniform(shape, 0.0, 2.0, seed=seeds) + grey
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return (images - mean) * keras.random.uniform(shape, 0.5, 1.5, seed=seeds) + mean


def translation(images: Any, seeds: keras.random.SeedGenerator) -> Any:
    """A shift by up to an eighth of the side, both ways; what comes in is 0, the middle grey."""
    count, size = ops.shape(images)[0], images.shape[1]
    reach = size // 8
    shifts = keras.random.randint((2, count, 1), -reach, reach + 1, seed=seeds)
    # A product with a matrix of zeros and ones moves rows or columns exactly, and its gradient needs no scatter.
    places = ops.arange(size) + shifts
    moves = ops.cast(places[..., None] == ops.arange(size), images.dtype)
    images = ops.einsum("bij,bjwc->biwc", moves[0], images)
    return ops.einsum("bij,bhjc->bhic", moves[1], images)


KINDS = {"color": color, "translation": translation}
