"""All pairs of 64-bit hashes within a Hamming distance, exact, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.curate import hamming
from pipeline.curate.hamming import Hashes, Indices

CHUNK = 500_000
"""Pairs handed out at a time."""


def within(first: Hashes, second: Hashes | None, radius: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield chunks of all (i, j) for which `first[i]` and `second[j]` differ in at most `radius` bits, each pair once.

    Without `second`, pairs of different positions of `first`, in either order. Equal hashes are compared once. A million hashes
    of which a tenth has neighbours take some ten seconds at radius 6; memory does not grow with the number of pairs.
    """
    left = _Groups(first)
    right = left if second is None else _Groups(second)
    for rows, columns in hamming.join(left.hashes, None if second is None else right.hashes, radius):
        yield from _members(left, right, rows, columns)
    if second is None and radius >= 0:
        many = np.flatnonzero(left.counts > 1)
        for i, j in _members(left, left, many, many):
            yield i[i < j], j[i < j]


class _Groups:
    """The distinct hashes, and which positions hold each."""

    def __init__(self, hashes: Hashes) -> None:
        self.order = np.argsort(hashes, kind="stable")
        ordered = hashes[self.order]
        self.starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(hashes)])
        self.counts = np.diff(self.starts, append=len(hashes))
        self.hashes = ordered[self.starts]


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
