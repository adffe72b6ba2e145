"""What can be seen of a generator at little cost, in numbers: how much its pictures differ, how they move, how near they are to real ones.

Pictures are compared as thumbnails of 16 × 16 means: outlines, poses and colours stay, pixel noise does not. A distance is the root of
the mean squared difference of two thumbnails, values from 0 to 1. No embedder is needed, so this is there for every run; whoever has one
gets the better figures of `pipeline.train.metrics` beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

SIDE = 16
"""Side of a thumbnail."""
APART = 0.35
"""Two pictures are different ones when they lie further apart than this share of the mean distance of two real ones. Real drawings of
one kind: 62 of 64 are (robots); what a collapsed generator draws is not."""
VALUES = 10_000
MOST = 4096
"""Real pictures that are looked at: enough to find a copy in most sets, and half a second of work."""


@dataclass(frozen=True)
class Reals:
    """What the generator's pictures are held against. The distances are those among the real pictures themselves."""

    thumbnails: np.ndarray
    """(n, 768) of the pictures that are trained on."""
    spread: float
    """Mean distance of two of them."""
    nearest: float
    """Median distance from a picture that was held out to the nearest of them; without held-out ones, of theirs to each other."""

    @classmethod
    def of(cls, trained: np.ndarray, held_out: np.ndarray | None = None) -> Self:
        """From pictures uint8 (n, side, side, 3), n ≥ 2; those held out count when there are 16 or more."""
        seen = thumbnails(trained[:MOST])
        spread = mean_distance(seen[:: max(1, len(seen) // 256)])
        if held_out is not None and len(held_out) >= 16:
            gap = nearest(thumbnails(held_out[:256]), seen)
        else:
            some = np.arange(0, len(seen), max(1, len(seen) // 256))
            between = distances(seen[some], seen)
            between[np.arange(len(some)), some] = np.inf
            gap = between.min(1)
        return cls(seen, spread, float(np.median(gap)))


@dataclass(frozen=True)
class Look:
    """One look at the generator's pictures from fixed latents; every figure is relative to the real pictures'."""

    spread: float
    """Mean distance of two of them over that of two real ones: 0 when all are one picture."""
    different: float
    """Share of them that are different pictures (`APART`): 1 / n when all are one picture."""
    moved: float | None
    """How far each went since the look before, from the same latents; None at the first look."""
    nearest: float
    """Median distance to the nearest training picture, over what held-out pictures keep: 0 when all are copies."""
    known: float | None = None
    """Share of pairs in which the discriminator holds a training picture for more real than a held-out one; None without such."""
    learnt: float | None = None
    """How far the generator's weights went since the look before, over their length (`change`); None at the first look."""


def look(
    pictures: np.ndarray, reals: Reals, before: np.ndarray | None = None, logits: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[Look, np.ndarray]:
    """One look, and its thumbnails.

    `pictures`: generated, uint8 (n, side, side, 3); `before`: the thumbnails of the look before; `logits`: the discriminator's, of some
    training pictures and of held-out ones.
    """
    now = thumbnails(pictures)
    scale = max(reals.spread, 1e-6)
    moved = None if before is None else float(np.sqrt(np.mean((now - before) ** 2, axis=1)).mean()) / scale
    different = count_different(now, APART * scale) / len(now)
    gap = float(np.median(nearest(now, reals.thumbnails))) / max(reals.nearest, 1e-6)
    return Look(mean_distance(now) / scale, different, moved, gap, share_above(*logits) if logits else None), now


def weights(variables: Iterable[Any]) -> np.ndarray:
    """Evenly spaced values of each of a network's variables, at most `VALUES` of one, float64."""
    flat = [np.asarray(variable, dtype=np.float64).ravel() for variable in variables]
    return np.concatenate([values[:: -(-len(values) // VALUES)] for values in flat])


def change(now: np.ndarray, before: np.ndarray) -> float:
    """Length of the difference of two `weights` over that of the earlier one."""
    return float(np.linalg.norm(now - before) / max(float(np.linalg.norm(before)), 1e-12))


def thumbnails(pictures: np.ndarray) -> np.ndarray:
    """uint8 (n, side, side, 3) → float64 (n, 768), means over squares, 0 to 1. The side is a multiple of 16."""
    # In float32 the way that `distances` takes would leave equal pictures apart.
    count, side = pictures.shape[:2]
    square = side // SIDE
    means: np.ndarray = pictures.reshape(count, SIDE, square, SIDE, square, 3).mean((2, 4), dtype=np.float64) / 255
    return means.reshape(count, -1)


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(n, m): between every thumbnail of one and every one of the other."""
    squares = (one * one).sum(1)[:, None] + (other * other).sum(1)[None] - 2 * one @ other.T
    return np.asarray(np.sqrt(np.maximum(squares, 0) / one.shape[1]))


def mean_distance(found: np.ndarray) -> float:
    """Between two of these, over all pairs."""
    count = len(found)
    return float(distances(found, found)[np.triu_indices(count, 1)].mean()) if count > 1 else 0.0


def nearest(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(n,): from each of one to the nearest of the other."""
    return np.asarray(distances(one, other).min(1))


def count_different(found: np.ndarray, radius: float) -> int:
    """How many lie further than `radius` from all that were counted before them."""
    close = distances(found, found) <= radius
    kept: list[int] = []
    for number in range(len(found)):
        if not close[number, kept].any():
            kept.append(number)
    return len(kept)


def share_above(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pairs whose first, of `one`, is larger than the second, of `other`; ties count half (the area under the ROC curve)."""
    above = one[:, None] - other[None]
    return float(((above > 0) + 0.5 * (above == 0)).mean())
