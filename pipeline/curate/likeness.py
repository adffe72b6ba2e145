"""Which pictures show the same thing: hashes propose pairs, signatures decide."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import pairs
from pipeline.curate.hamming import Hashes, Indices
from pipeline.measure import signature

if TYPE_CHECKING:
    import pandas as pd

SMALL = 0.5
"""A subject below this share of the picture's longest side is too few cells of the whole signature: its own must agree."""

REFRAMED = 0.02
"""Pictures whose subject's share or whose aspect differs by more than this (natural logarithm) may differ in margins."""

CHUNK = 2000
"""Pairs compared at a time: 12 MB of signatures."""

_HASHES = ("phash", "phash_mirror", "phash_subject", "phash_subject_mirror")

COLUMNS = (*_HASHES, "signature", "signature_subject", "subject_share", "width", "height")
"""The measured columns that are read here."""

Flags = NDArray[np.bool_]


class Likeness(NamedTuple):
    """Of n pairs: Hamming distance 0–64, signature difference 0–255, whether the pictures are the same, and whether only
    their subjects are (the margins differ)."""

    distance: NDArray[np.int64]
    difference: NDArray[np.float64]
    same: Flags
    subject_only: Flags


@dataclass(frozen=True)
class Pictures:
    """The hashes and signatures of n pictures, as arrays."""

    whole: Hashes
    whole_mirror: Hashes
    subject: Hashes
    subject_mirror: Hashes
    cells: NDArray[np.uint8]
    subject_cells: NDArray[np.uint8]
    share: NDArray[np.float64]
    size: NDArray[np.float64]
    """n×2: width and height, pixels."""

    @cached_property
    def coarse(self) -> NDArray[np.float32]:
        """What `far_apart` needs of the whole pictures."""
        return signature.coarse(self.cells)

    @cached_property
    def subject_coarse(self) -> NDArray[np.float32]:
        """The same of the subjects."""
        return signature.coarse(self.subject_cells)

    @classmethod
    def read(cls, measurements: pd.DataFrame) -> Self:
        """From a measurement table whose rows all have the `COLUMNS`."""
        whole, whole_mirror, subject, subject_mirror = (
            np.array([int(text, 16) for text in measurements[name]], dtype=np.uint64) for name in _HASHES
        )
        return cls(
            whole,
            whole_mirror,
            subject,
            subject_mirror,
            cells=signature.unpack(list(measurements["signature"])),
            subject_cells=signature.unpack(list(measurements["signature_subject"])),
            share=measurements["subject_share"].to_numpy(dtype=float),
            size=measurements[["width", "height"]].to_numpy(dtype=float),
        )

    def links(self, among: Indices, radius: int, mirror: bool) -> set[tuple[int, int]]:
        """The pairs (i < j) of the positions `among` that are the same picture, or (`mirror`) mirror images of each other."""
        found: set[tuple[int, int]] = set()
        for flip in (False, True) if mirror else (False,):
            codes = []
            for first, second in ((self.whole, self.whole_mirror), (self.subject, self.subject_mirror)):
                for one, two in pairs.within(first[among], second[among] if flip else None, radius):
                    i, j = among[one[one != two]], among[two[one != two]]
                    codes.append(np.unique(np.minimum(i, j) * len(self.share) + np.maximum(i, j)))
            candidates = np.unique(np.concatenate([*codes, np.zeros(0, dtype=np.intp)]))
            i, j = np.divmod(candidates, len(self.share))
            same = self.compare(i, j, flip).same
            found.update(zip(i[same].tolist(), j[same].tolist(), strict=True))
        return found

    def compare(self, i: Indices, j: pairs.Indices, flip: bool = False) -> Likeness:
        """Compare pictures `i` with pictures `j`, or (`flip`) with their mirror images."""
        whole, subject = (self.whole_mirror, self.subject_mirror) if flip else (self.whole, self.subject)
        # a mirrored mirror hash may differ from the hash by a bit: both ways are asked
        ways = (self.whole[i] ^ whole[j], self.whole[j] ^ whole[i], self.subject[i] ^ subject[j], self.subject[j] ^ subject[i])
        hops = np.minimum.reduce([np.bitwise_count(way) for way in ways])
        difference = self._difference(self.cells, self.coarse, i, j, flip)
        limit = signature.limit(np.minimum(self.size[i].max(axis=1), self.size[j].max(axis=1)))
        small = np.minimum(self.share[i], self.share[j]) < SMALL
        margins = (difference > limit) & self._reframed(i, j)
        doubt = np.flatnonzero(margins | small)
        closer = self._difference(self.subject_cells, self.subject_coarse, i[doubt], j[doubt], flip)
        margins[doubt] &= closer <= limit[doubt]
        difference[doubt] = np.where(small[doubt], closer, np.minimum(difference[doubt], closer))
        return Likeness(hops.astype(np.int64), difference, difference <= limit, margins)

    def _reframed(self, i: Indices, j: pairs.Indices) -> Flags:
        """Whether the subject fills another part of the picture, so that margins may be all that differs."""
        other_share = np.abs(np.log(self.share[i] / self.share[j])) > REFRAMED
        other_shape = np.abs(np.log(self.size[i, 0] / self.size[i, 1] * self.size[j, 1] / self.size[j, 0])) > REFRAMED
        found: Flags = other_share | other_shape
        return found

    @staticmethod
    def _difference(cells: NDArray[np.uint8], coarse: NDArray[np.float32], i: Indices, j: pairs.Indices, flip: bool) -> NDArray[np.float64]:
        """The signature difference; infinite for pairs that a coarse look tells apart."""
        step = -1 if flip else 1
        result = np.full(len(i), np.inf)
        for start in range(0, len(i), CHUNK):
            one, two = i[start : start + CHUNK], j[start : start + CHUNK]
            near = np.flatnonzero(~signature.far_apart(coarse[one], coarse[two][:, :, ::step]))
            result[start + near] = signature.difference(cells[one[near]], cells[two[near]][:, :, ::step])
        return result
