"""Precision, recall, diversity and nearest neighbours: how two clouds of embeddings lie in each other. Euclidean distances."""

from __future__ import annotations

import numpy as np

BLOCK = 1024
"""Rows of a matrix of distances that are held in memory at once, where no more are needed."""
K = 3
"""Which neighbour's distance is the radius around a picture, as in the paper."""


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of all pairs of rows (n, d) and (m, d): float64 (n, m). Copies are at 0, up to 1e-5 of their length."""
    one, other = one.astype(np.float64), other.astype(np.float64)
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2 * one @ other.T
    found: np.ndarray = np.sqrt(np.maximum(squares, 0))
    return found


def precision_recall(real: np.ndarray, made: np.ndarray, k: int = K) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991), 0–1; both sets (n, d) with n > k, of one size if
    numbers are to be compared: more pictures fill gaps.

    Precision: the share of made pictures that lie within the distance of some real picture to its k-th nearest real one. Recall: the same
    the other way round, the share of real pictures that made ones surround.
    """
    between = distances(real, made)
    return (
        float((between <= _radii(real, k)[:, None]).any(axis=0).mean()),
        float((between <= _radii(made, k)[None]).any(axis=1).mean()),
    )


def spread(points: np.ndarray) -> float:
    """The mean distance of two different rows (n, d), n ≥ 2."""
    total = sum(float(distances(part, points).sum()) for part in _blocks(points))
    return total / (len(points) * (len(points) - 1))


def nearest(points: np.ndarray, among: np.ndarray, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """For each row (n, d) its `count` nearest rows of `among`, nearest first: their indices and distances, both (n, count)."""
    orders, gaps = [], []
    for part in _blocks(points):
        found = distances(part, among)
        order = np.argsort(found, axis=1, kind="stable")[:, :count]
        orders.append(order)
        gaps.append(np.take_along_axis(found, order, axis=1))
    return np.concatenate(orders), np.concatenate(gaps)


def gaps(points: np.ndarray) -> np.ndarray:
    """For each row (n, d) the distance to the nearest other one: (n,)."""
    return _radii(points, 1)


def _blocks(points: np.ndarray) -> list[np.ndarray]:
    return [points[start : start + BLOCK] for start in range(0, max(1, len(points)), BLOCK)]


def _radii(points: np.ndarray, k: int) -> np.ndarray:
    found = distances(points, points)
    np.fill_diagonal(found, 0)  # its own distance is the smallest, and rounding must not change that
    radii: np.ndarray = np.partition(found, k, axis=1)[:, k]
    return radii
