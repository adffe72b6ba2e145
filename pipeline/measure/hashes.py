"""Perceptual hashes: of the whole picture and of its subject, each also as its mirror image would hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

# scipy.fft would give the same sums, but bits of a symmetric picture hang on the last digit: imagehash calls this one
from scipy.fftpack import dct

from pipeline.measure.base import Column, Decoded, Measurement, halved, luma

_LOW = 8


def phashes(gray: NDArray[np.uint8]) -> list[str]:
    """The 64-bit pHashes of n pictures, uint8 n×32×32, as 16 hex digits, equal to those of `imagehash.phash`.

    Two-dimensional DCT-II; a bit is 1 where one of the 8 × 8 lowest frequencies is above their median (Zauner 2010, in the form of
    ImageHash 4).
    """
    low = dct(dct(gray, axis=1), axis=2)[:, :_LOW, :_LOW].reshape(len(gray), -1)
    ordered = np.sort(low, axis=1)
    median = (ordered[:, _LOW * _LOW // 2 - 1] + ordered[:, _LOW * _LOW // 2]) / 2
    return [bits.tobytes().hex() for bits in np.packbits(low > median[:, None], axis=1)]


class Hashes(Measurement):
    """Four pHashes, made from the pictures that the signatures and `facing` are made from."""

    name: ClassVar[str] = "hashes"
    columns: ClassVar[Mapping[str, Column]] = {
        "phash": Column(
            "TEXT",
            "64-bit pHash of the whole picture on white, 16 hex digits; that of imagehash.phash but for some bits, since it is resampled "
            "from a smaller copy (docs/benchmarks.md)",
        ),
        "phash_mirror": Column("TEXT", "the same of the mirrored picture"),
        "phash_subject": Column("TEXT", "the same of the subject, cut out and padded to a square with the border's colour"),
        "phash_subject_mirror": Column("TEXT", "the same of the mirrored subject"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All four hashes."""
        whole, subject = (halved(luma(np.asarray(cells).transpose(2, 0, 1))) for cells in (decoded.thumb, decoded.portrait))
        return dict(zip(self.columns, phashes(np.stack([whole, whole[:, ::-1], subject, subject[:, ::-1]])), strict=True))


MEASUREMENT = Hashes()
