"""All pairs of 64-bit hashes within a Hamming distance, exact, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Indices = NDArray[np.intp]

BLOCK = 250_000
"""Hash comparisons at a time: 2 MB of exclusive-ors stay in the processor's cache."""

CHUNK = 500_000
"""Pairs handed out at a time."""


def within(first: Hashes, second: Hashes | None, radius: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield chunks of all (i, j) for which `first[i]` and `second[j]` differ in at most `radius` bits.

    Without `second`, pairs within `first`: each pair of different positions comes at least once, in either order, and so may a
    position with itself. Equal hashes are compared once. Time grows with the product of the distinct hashes (20,000 × 20,000:
    about two seconds), memory does not.
    """
    left = _Groups(first)
    right = left if second is None else _Groups(second)
    step = max(1, BLOCK // max(1, len(right.hashes)))
    for start in range(0, len(left.hashes), step):
        skip = start if second is None else 0
        near = np.bitwise_count(left.hashes[start : start + step, None] ^ right.hashes[None, skip:]) <= radius
        rows, columns = np.nonzero(near)
        yield from _members(left, right, rows + start, columns + skip)


class _Groups:
    """The distinct hashes, and which positions hold each."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes, inverse, self.counts = np.unique(hashes, return_inverse=True, return_counts=True)
        self.order = np.argsort(inverse, kind="stable")
        self.starts = np.cumsum(self.counts) - self.counts


def _members(left: _Groups, right: _Groups, rows: Indices, columns: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Every position of a left group with every position of its right group, without writing them all out at once."""
    sizes = left.counts[rows] * right.counts[columns]
    ends = np.cumsum(sizes)
    for start in range(0, int(ends[-1]) if len(ends) else 0, CHUNK):
        at = np.arange(start, min(start + CHUNK, int(ends[-1])))
        pair = np.searchsorted(ends, at, side="right")
        offset = at - (ends[pair] - sizes[pair])
        width = right.counts[columns[pair]]
        i = left.order[left.starts[rows[pair]] + offset // width]
        j = right.order[right.starts[columns[pair]] + offset % width]
        yield i, j
