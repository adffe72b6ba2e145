"""Which pictures show the same thing: hashes propose pairs, signatures decide, and say in what way."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import kinds as ways
from pipeline.curate import look, pairs, sketch, views
from pipeline.curate.hamming import Hashes, Indices
from pipeline.curate.recolour import recoloured
from pipeline.curate.views import Fetch, Shelf, Views

if TYPE_CHECKING:
    import pandas as pd

BATCH = 512
"""Pairs compared at a time by one thread; some 20 MB."""

THREADS = 8
"""Threads at most."""

SKETCHED = 500
"""Pictures whose signatures are held at a time while their sketches are made."""

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


Seen = tuple[NDArray[np.float64], NDArray[np.object_]]
Share = Callable[[Callable[["Pairs"], Seen], Iterable["Pairs"]], Iterator[Seen]]
"""Calls a function with each of many arguments, somewhere; results in order."""


@dataclass(frozen=True)
class Pictures:
    """The hashes of n pictures, as arrays, and where their signatures are read."""

    whole: Hashes
    whole_mirror: Hashes
    subject: Hashes
    subject_mirror: Hashes
    shelf: Shelf
    share: Share

    @property
    def sketches(self) -> tuple[Hashes, ...]:
        """Of the whole pictures, their subjects and their middles."""
        return self._sketched[:3]

    @property
    def mirrored(self) -> tuple[Hashes, ...]:
        """The same of the mirror images."""
        return self._sketched[3:]

    @cached_property
    def _sketched(self) -> tuple[Hashes, ...]:
        found: list[tuple[Hashes, ...]] = []
        for start in range(0, len(self.whole), SKETCHED):
            views = self.shelf.views(slice(start, start + SKETCHED))
            found.append((*sketch.sketches(views), *sketch.sketches(views, flip=True)))
        return tuple(np.concatenate([np.zeros(0, dtype=np.uint64), *(part[kind] for part in found)]) for kind in range(6))

    @classmethod
    def read(cls, measurements: pd.DataFrame, fetch: Fetch | None = None, share: Share | None = None) -> Self:
        """From a measurement table whose rows all have the `COLUMNS`; `fetch` reads those of `views.BLOBS` if the table lacks them.

        Pairs are compared by threads of this process unless `share` has others do it.
        """
        whole, whole_mirror, subject, subject_mirror = (
            np.array([int(text, 16) for text in measurements[name]], dtype=np.uint64) for name in _HASHES
        )
        shelf = Shelf(measurements[[name for name in ("id", *views.COLUMNS) if name in measurements]], fetch)
        return cls(whole, whole_mirror, subject, subject_mirror, shelf, share or threads)

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
        for part, seen in zip(batches, self.share(look_at, (self._pairs(i[part], j[part], flip) for part in batches)), strict=True):
            difference[part], kind[part] = seen
        return Likeness(np.minimum.reduce(ways).astype(np.int64), difference, (kind != "") & (kind != "recolour"), kind)

    def _pairs(self, i: Indices, j: Indices, flip: bool) -> Pairs:
        # the larger picture is laid under the smaller one: the answer must not hang on the order
        areas = self.areas
        swap = (areas[i] > areas[j]) | ((areas[i] == areas[j]) & (i > j))
        first, second = np.where(swap, j, i), np.where(swap, i, j)
        which, at = np.unique(np.concatenate([first, second]), return_inverse=True)
        return Pairs(self.shelf.views(which), at[: len(i)], at[len(i) :], flip)

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Pixels of each picture."""
        return self.shelf.areas


class Pairs(NamedTuple):
    """Pairs to be compared, and all that it takes: the views of the pictures in them, and which two of these make each pair."""

    views: Views
    first: Indices
    second: Indices
    flip: bool


def look_at(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Signature difference and kind of each pair. Runs wherever `Pictures.share` has it run."""
    one, two = pairs.views.take(pairs.first), pairs.views.take(pairs.second, pairs.flip)
    seen = look.look(one, two)
    kind = np.full(len(pairs.first), "", dtype=object)
    same = np.flatnonzero(seen.same)
    kind[same] = ways.named(one.some(same), two.some(same), seen.maps[same], pairs.flip)
    if not pairs.flip:
        kind[~seen.same & recoloured(one, two)] = "recolour"
    return seen.difference, kind


def threads(work: Callable[[Pairs], Seen], parts: Iterable[Pairs]) -> Iterator[Seen]:
    """`work` on each of the parts, in order. Threads are enough: NumPy lets go of the interpreter while it computes."""
    count = min(THREADS, os.cpu_count() or 1)
    waiting: deque[Future[Seen]] = deque()
    with ThreadPoolExecutor(count) as pool:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > count:  # no more parts are made than are worked on
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
