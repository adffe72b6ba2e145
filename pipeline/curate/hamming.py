"""Exact Hamming join of distinct 64-bit hashes by multi-index hashing, in bounded memory.

Cut into m chunks, two hashes within r = m·f + a bits (0 <= a < m) differ in at most f bits in one of the first a + 1 chunks, or in at
most f − 1 in one of the others: were it not so, they would differ in at least (a + 1)(f + 1) + (m − a − 1)f = r + 1 bits (Norouzi, Punjani,
Fleet: Fast search in Hamming space with multi-index hashing, 2012). So each chunk is a table of buckets, each bucket meets those
whose key is a few flipped bits away, and only pairs that meet are counted out.

Real hashes crowd. Bits that never change are left out, the others are dealt to the chunks so that each holds as many balanced
ones, and where two buckets are too large to be compared pair by pair they are joined the same way on the bits that are left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Indices = NDArray[np.intp]

BLOCK = 1 << 18
"""Hash comparisons at a time: 2 MB of exclusive-ors stay in the processor's cache."""

CROWD = 1 << 22
"""Two buckets with more pairs than this are joined on their other bits."""

WIDEST = 20
"""Largest number of bits in a bucket's key: a million entries in the table."""

FEW, SAMPLE = 64, 256
"""Hashes from each set that tell how they crowd: one in 256, but no less and no more than these."""

_PAIR, _MEETING, _CROWDED, _LOOKUP, _ENTRY, _KEY = 0.8, 8.0, 0.3, 15.0, 3.0, 1e5
"""Nanoseconds, roughly: for a pair in a full comparison, a pair that meets in buckets, one that meets in crowds (a guess), one lookup,
one entry of a table, and for each exclusive-or of keys."""


class _Chunk(NamedTuple):
    """Bits `shift` … `shift + width − 1`, in which up to `flips` may differ."""

    shift: int
    width: int
    flips: int

    @property
    def mask(self) -> np.uint64:
        return np.uint64(((1 << self.width) - 1) << self.shift)

    def flipped(self) -> Iterator[int]:
        """Every exclusive-or of two keys that differ in at most `flips` bits."""
        for count in range(self.flips + 1):
            for bits in combinations(range(self.width), count):
                yield sum(1 << bit for bit in bits)


class _Table:
    """Hashes in the order of their keys, and where each key's bucket begins (2^width + 1 entries)."""

    def __init__(self, hashes: Hashes, chunk: _Chunk) -> None:
        keys = ((hashes & chunk.mask) >> np.uint64(chunk.shift)).astype(np.int32)
        self.order = np.argsort(keys, kind="stable")
        self.keys, self.hashes = keys[self.order], hashes[self.order]
        self.starts = np.zeros((1 << chunk.width) + 1, dtype=np.int64)
        counts = np.bincount(keys, minlength=1 << chunk.width)
        np.cumsum(counts, out=self.starts[1:])
        self.largest = int(counts.max(initial=0))


def join(first: Hashes, second: Hashes | None, radius: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield chunks of all (i, j) for which `first[i]` and `second[j]` differ in at most `radius` bits, each pair once.

    Each array holds distinct hashes. Without `second`, pairs of different positions of `first`, in either order.
    """
    same = second is None
    other = first if second is None else second
    if radius < 0 or not len(first) or not len(other):
        return
    varying = int(np.bitwise_or.reduce(first ^ first[0]) | np.bitwise_or.reduce(other ^ first[0]))
    bits = _by_balance(first, varying)
    chunks = _plan(first, other, bits, radius)
    if not chunks:
        yield from _all(first, other, radius, same)
        return
    left = _dealt(first, bits, len(chunks))
    right = left if same else _dealt(other, bits, len(chunks))
    for place, chunk in enumerate(chunks):
        yield from _meet(left, right, radius, same, chunk, chunks[:place])


def _plan(first: Hashes, second: Hashes, order: list[int], radius: int) -> list[_Chunk]:
    """The chunks that promise the least work; none where comparing everything does."""
    total, bits = len(first) * len(second), len(order)
    best, least = [], _PAIR * total
    size = min(max(len(first) >> 8, FEW), SAMPLE)
    sampled = [side[:: -(-len(side) // size)] for side in (first, second)]
    for count in range(1, min(radius + 1, bits) + 1):
        chunks = _cut(bits, count, radius)
        work = 0.0
        for chunk in chunks:
            keys = sum(math.comb(chunk.width, flipped) for flipped in range(chunk.flips + 1))
            work += keys * (_KEY + _LOOKUP * len(first) + _MEETING * total / 2**chunk.width + _ENTRY * 2**chunk.width)
        if work < least and total > CROWD:
            dealt = [_dealt(side, order, count) for side in sampled]
            work += sum(_meetings(dealt[0], dealt[1], chunk, total) for chunk in chunks)
        if work < least:
            best, least = chunks, work
    return best


def _cut(bits: int, count: int, radius: int) -> list[_Chunk]:
    """`count` chunks of nearly equal width, and how many flips each must allow for."""
    flips, over = divmod(radius, count)
    ends = [bits * at // count for at in range(count + 1)]
    chunks = [_Chunk(low, min(high - low, WIDEST), flips if at <= over else flips - 1) for at, (low, high) in enumerate(pairwise(ends))]
    return [chunk for chunk in chunks if chunk.flips >= 0]


def _meetings(first: Hashes, second: Hashes, chunk: _Chunk, total: int) -> float:
    """What the pairs that meet in a chunk's buckets will cost, of `total` pairs from which two samples were drawn."""
    apart = np.bitwise_count((first[:, None] ^ second[None, :]) & chunk.mask)
    meet = apart <= chunk.flips
    alike = apart == 0
    crowd = np.outer(alike.sum(axis=1), alike.sum(axis=0)) * (total / apart.size) > CROWD
    return total * float(np.where(crowd, _CROWDED, _MEETING)[meet].mean() * meet.mean()) if meet.any() else 0.0


def _by_balance(hashes: Hashes, varying: int) -> list[int]:
    """The varying bits, those first that split a sample of the hashes most evenly."""
    sample = hashes[:: -(-len(hashes) // (16 * SAMPLE))]
    share = np.unpackbits(sample.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little").mean(axis=0)
    return sorted((bit for bit in range(64) if varying >> bit & 1), key=lambda bit: (abs(share[bit] - 0.5), bit))


def _dealt(hashes: Hashes, bits: list[int], chunks: int) -> Hashes:
    """These bits moved together, so that each chunk has its share of the first ones."""
    one = np.uint64(1)
    places = sorted(range(len(bits)), key=lambda at: (at - _start(at, len(bits), chunks), at))
    dealt = np.zeros_like(hashes)
    for bit, place in zip(bits, places, strict=True):
        dealt |= (hashes >> np.uint64(bit) & one) << np.uint64(place)
    return dealt


def _start(at: int, bits: int, chunks: int) -> int:
    """The first bit of the chunk that holds bit `at`."""
    return max(bits * chunk // chunks for chunk in range(chunks) if bits * chunk // chunks <= at)


def _all(first: Hashes, second: Hashes, radius: int, same: bool) -> Iterator[tuple[Indices, Indices]]:
    """Compare everything with everything."""
    step = max(1, BLOCK // len(second))
    for start in range(0, len(first), step):
        skip = start if same else 0
        for low in range(skip, len(second), BLOCK):
            near = np.bitwise_count(first[start : start + step, None] ^ second[None, low : low + BLOCK]) <= radius
            rows, columns = np.nonzero(near)
            rows, columns = rows + start, columns + low
            once = columns > rows if same else slice(None)
            yield rows[once], columns[once]


def _meet(left: Hashes, right: Hashes, radius: int, same: bool, chunk: _Chunk, before: list[_Chunk]) -> Iterator[tuple[Indices, Indices]]:
    """The pairs that meet in the buckets of one chunk, and in those of no chunk `before`."""
    one = _Table(left, chunk)
    two = one if same else _Table(right, chunk)
    for key in chunk.flipped():
        partner = one.keys ^ np.int32(key)
        low, high = two.starts[partner], two.starts[partner + 1]
        if same:
            # a bucket meets itself above the diagonal, and every other bucket once
            low = np.arange(1, len(left) + 1) if key == 0 else np.where(one.keys < partner, low, high)
        sizes = high - low
        crowds = _crowds(one, two, key, same)
        if len(crowds):
            sizes[np.isin(one.keys, crowds)] = 0
        found = [_counted(one.hashes, two.hashes, low, sizes, radius)]
        found += [_crowd(one, two, int(bucket), key, radius, same, chunk) for bucket in crowds]
        for pairs in found:
            for rows, columns in pairs:
                apart = one.hashes[rows] ^ two.hashes[columns]
                fresh = np.ones(len(apart), dtype=bool)
                for earlier in before:
                    fresh &= np.bitwise_count(apart & earlier.mask) > earlier.flips
                if fresh.any():
                    yield one.order[rows[fresh]], two.order[columns[fresh]]


def _crowds(one: _Table, two: _Table, key: int, same: bool) -> Indices:
    """The buckets of `one` that are too large to be compared with theirs of `two` pair by pair."""
    if one.largest * two.largest <= CROWD:
        return np.zeros(0, dtype=np.intp)
    buckets = np.flatnonzero(np.diff(one.starts) > 0)
    partners = buckets ^ key
    sizes = (one.starts[buckets + 1] - one.starts[buckets]) * (two.starts[partners + 1] - two.starts[partners])
    once = buckets <= partners if same else True
    found: Indices = buckets[(sizes > CROWD) & once]
    return found


def _crowd(one: _Table, two: _Table, bucket: int, key: int, radius: int, same: bool, chunk: _Chunk) -> Iterator[tuple[Indices, Indices]]:
    """Join two large buckets on the bits outside the chunk."""
    start, other = one.starts[bucket], two.starts[bucket ^ key]
    mine = one.hashes[start : one.starts[bucket + 1]] & ~chunk.mask
    theirs = None if same and key == 0 else two.hashes[other : two.starts[(bucket ^ key) + 1]] & ~chunk.mask
    for rows, columns in join(mine, theirs, radius - key.bit_count()):
        yield rows + start, columns + other


def _counted(left: Hashes, right: Hashes, low: Indices, sizes: Indices, radius: int) -> Iterator[tuple[Indices, Indices]]:
    """Compare each `left[i]` with `right[low[i]]` and the `sizes[i] − 1` that follow it."""
    busy = np.flatnonzero(sizes > 0)
    ends = np.cumsum(sizes[busy])
    at = 0
    while at < len(busy):
        done = int(ends[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(ends, done + BLOCK, side="right")))
        rows = busy[at:stop]
        counts, last = sizes[rows], ends[at:stop] - done
        columns = np.arange(last[-1]) + np.repeat(low[rows] - (last - counts), counts)
        near = np.flatnonzero(np.bitwise_count(np.repeat(left[rows], counts) ^ right[columns]) <= radius)
        if len(near):
            yield rows[np.searchsorted(last, near, side="right")], columns[near]
        at = stop
