"""Which pictures show the same thing: hashes propose pairs, signatures decide, and say in what way."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import kinds as ways
from pipeline.curate import look, pairs, sketch, views
from pipeline.curate.hamming import Hashes, Indices
from pipeline.curate.recolour import recoloured
from pipeline.curate.views import Views

if TYPE_CHECKING:
    import pandas as pd

BATCH = 512
"""Pairs compared at a time by one thread; some 20 MB."""

THREADS = 8
"""Threads at most."""

_HASHES = ("phash", "phash_mirror", "phash_subject", "phash_subject_mirror")

COLUMNS = (*_HASHES, *views.COLUMNS)
"""The measured columns that are read here."""

Flags = NDArray[np.bool_]


class Likeness(NamedTuple):
    """Of n pairs: least Hamming distance of their hashes (0–64), signature difference (0–255, infinite for strangers), whether the
    pictures are the same, and the kind (never exact, which only pixels tell). A recolour is not the same."""

    distance: NDArray[np.int64]
    difference: NDArray[np.float64]
    same: Flags
    kind: NDArray[np.object_]


@dataclass(frozen=True)
class Pictures:
    """The hashes and signatures of n pictures, as arrays."""

    whole: Hashes
    whole_mirror: Hashes
    subject: Hashes
    subject_mirror: Hashes
    views: Views

    @cached_property
    def sketches(self) -> tuple[Hashes, Hashes, Hashes]:
        """Of the whole pictures, their subjects and their middles."""
        return sketch.sketches(self.views)

    @cached_property
    def mirrored(self) -> tuple[Hashes, Hashes, Hashes]:
        """The same of the mirror images."""
        return sketch.sketches(self.views, flip=True)

    @classmethod
    def read(cls, measurements: pd.DataFrame) -> Self:
        """From a measurement table whose rows all have the `COLUMNS`."""
        whole, whole_mirror, subject, subject_mirror = (
            np.array([int(text, 16) for text in measurements[name]], dtype=np.uint64) for name in _HASHES
        )
        return cls(whole, whole_mirror, subject, subject_mirror, Views.read(measurements))

    def links(self, among: Indices, radius: int, kinds: Collection[str]) -> set[tuple[int, int]]:
        """The pairs (i < j) of the positions `among` that are alike in one of the `kinds` of way."""
        return {(i, j) for i, j, kind in self.relations(among, radius) if kind in kinds}

    def relations(self, among: Indices, radius: int) -> list[tuple[int, int, str]]:
        """The pairs (i < j) of the positions `among` that are alike in any way, with the kind; symmetrical ones twice, also as mirrored."""
        found: list[tuple[int, int, str]] = []
        for flip in (False, True):
            i, j = self.candidates(among, radius, flip)
            kind = self.compare(i, j, flip).kind
            some = np.flatnonzero(kind != "")
            found += zip(i[some].tolist(), j[some].tolist(), kind[some].tolist(), strict=True)
        return found

    def candidates(self, among: Indices, radius: int, flip: bool = False) -> tuple[Indices, Indices]:
        """The pairs (i < j) that a hash proposes."""
        codes = [np.zeros(0, dtype=np.intp)]
        for first, second in self._families(flip):
            for one, two in pairs.within(first[among], None if second is None else second[among], radius):
                i, j = among[one[one != two]], among[two[one != two]]
                codes.append(np.unique(np.minimum(i, j) * len(self.whole) + np.maximum(i, j)))
        i, j = np.divmod(np.unique(np.concatenate(codes)), max(1, len(self.whole)))
        return i, j

    def _families(self, flip: bool) -> Iterator[tuple[Hashes, Hashes | None]]:
        """Which hashes are held against which (None: against themselves)."""
        yield self.whole, self.whole_mirror if flip else None
        yield self.subject, self.subject_mirror if flip else None
        yield self.sketches[0], self.mirrored[0] if flip else None
        yield self.sketches[1], self.mirrored[1] if flip else None
        yield self.sketches[2], self.mirrored[0] if flip else self.sketches[0]

    def compare(self, i: Indices, j: Indices, flip: bool = False) -> Likeness:
        """Compare pictures `i` with pictures `j`, or (`flip`) with their mirror images."""
        ways = [np.full(len(i), 64, dtype=np.uint8)]
        for first, second in self._families(flip):
            other = first if second is None else second
            ways += [np.bitwise_count(first[i] ^ other[j]), np.bitwise_count(first[j] ^ other[i])]
        difference, kind = np.full(len(i), np.inf), np.full(len(i), "", dtype=object)
        batches = [slice(start, start + BATCH) for start in range(0, len(i), BATCH)]
        # threads are enough: NumPy lets go of the interpreter while it computes
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
            for part, seen in zip(batches, pool.map(lambda part: self._look(i[part], j[part], flip), batches), strict=True):
                difference[part], kind[part] = seen
        return Likeness(np.minimum.reduce(ways).astype(np.int64), difference, (kind != "") & (kind != "recolour"), kind)

    def _look(self, i: Indices, j: Indices, flip: bool) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
        # the larger picture is laid under the smaller one: the answer must not hang on the order
        areas = self.views.size.prod(axis=1)
        swap = (areas[i] > areas[j]) | ((areas[i] == areas[j]) & (i > j))
        first, second = np.where(swap, j, i), np.where(swap, i, j)
        one, two = self.views.take(first), self.views.take(second, flip)
        seen = look.look(one, two)
        kind = np.full(len(i), "", dtype=object)
        same = np.flatnonzero(seen.same)
        kind[same] = ways.named(one.some(same), two.some(same), seen.maps[same], flip)
        if not flip:
            kind[~seen.same & recoloured(one, two)] = "recolour"
        return seen.difference, kind
