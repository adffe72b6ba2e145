"""Kernel inception distance (Bińkowski et al. 2018, arXiv 1801.01401), here of any embeddings: unbiased MMD² with a cubic kernel."""

from __future__ import annotations

import numpy as np

BLOCK = 1024
"""Rows of a matrix of pairs that are held in memory at once; tens of thousands of samples make a large one."""

SPLITS = 20
"""Random halves from which the noise is measured."""


def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(x · y / d + 1)³ of all pairs of rows (n, d) and (m, d): float64 (n, m)."""
    found: np.ndarray = (one.astype(np.float64) @ other.astype(np.float64).T / one.shape[1] + 1) ** 3
    return found


class Kid:
    """Distances to one set of real embeddings (n, d), n ≥ 4, whose own part is computed once.

    On the whole sets, not on subsets of 1,000 as in the paper: the estimate is unbiased either way, and less noisy so.
    """

    def __init__(self, real: np.ndarray) -> None:
        self._real = real
        within = kernel(real, real)
        self._within = _mean_of_pairs(within)
        self.floor = _floor(within)
        """What two sets of half as many real pictures are apart, though they are of one distribution: the root mean square of their KID
        over random halves. Differences of this size say nothing."""

    def __call__(self, other: np.ndarray) -> float:
        """KID of embeddings (m, d), m ≥ 2: 0 on average where both are of one distribution, so it may be below 0."""
        count = len(other)
        squares = (other.astype(np.float64) ** 2).sum(axis=1)
        own = float(((squares / other.shape[1] + 1) ** 3).sum())  # of each with itself, on the diagonal
        within = (_total(other, other) - own) / (count * (count - 1))
        return self._within + within - 2 * _total(self._real, other) / (len(self._real) * count)


def _total(one: np.ndarray, other: np.ndarray) -> float:
    """The sum of the kernel over all pairs of rows."""
    return sum(float(kernel(one[start : start + BLOCK], other).sum()) for start in range(0, len(one), BLOCK))


def _mean_of_pairs(matrix: np.ndarray) -> float:
    """The mean over all pairs of two different ones."""
    count = len(matrix)
    return float((matrix.sum() - np.trace(matrix)) / (count * (count - 1)))


def _floor(within: np.ndarray) -> float:
    rng, half = np.random.default_rng(0), len(within) // 2
    diagonal, found = np.diag(within), []
    for _ in range(SPLITS):
        order = rng.permutation(len(within))
        first, second = order[:half], order[half : 2 * half]
        # Sums over halves of one matrix, as products with the halves' indicators.
        marks = np.zeros((len(within), 2))
        marks[first, 0] = marks[second, 1] = 1
        sums = marks.T @ within @ marks
        pairs = half * (half - 1)
        found.append(
            (sums[0, 0] - diagonal[first].sum()) / pairs + (sums[1, 1] - diagonal[second].sum()) / pairs - 2 * sums[0, 1] / half**2
        )
    return float(np.sqrt(np.mean(np.square(found))))
