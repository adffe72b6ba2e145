"""Signatures: a picture at 64 × 64, small enough to keep and fine enough to tell whether two pictures are the same.

Hashes only propose pairs: robots that share most parts have the same 64 bits. `pipeline/curate/look.py` takes the second look at the
signatures, cell by cell, so that one changed part or another colour is seen however alike the rest is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure.base import THUMB, Column, Decoded, Measurement

SIDE = THUMB
"""Cells on a side of the brightness; half as many of the colours, as in a JPEG file."""

SMALL = 0.6
"""A subject below this share of the picture's longest side is too few cells of the whole: it gets a signature of its own."""

MARGIN = 0.1
"""Room on each side of the subject in its own signature, as a share of its longest side."""

_HALF = SIDE // 2

BYTES = SIDE * SIDE + 2 * _HALF * _HALF


class Cells(NamedTuple):
    """n signatures: `luma` uint8 n×64×64 (0–255), `chroma` uint8 n×32×32×2 (Cb and Cr, 128 is gray)."""

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]


class Signature(Measurement):
    """The whole picture, and a small subject by itself, each as 64 × 64 cells."""

    name: ClassVar[str] = "signature"
    columns: ClassVar[Mapping[str, Column]] = {
        "signature": Column("BLOB", "the picture on white, stretched to 64 × 64: Y, then Cb and Cr at 32 × 32 (uint8, JFIF), 6,144 bytes"),
        "signature_subject": Column("BLOB", "the same of a square around a subject whose share is below 0.6; else no bytes"),
        "subject_share": Column("REAL", "longest side of the subject's box ÷ longest side of the picture, above 0 to 1"),
        "subject_left": Column("REAL", "left edge of the subject's box ÷ width of the picture, 0 to 1"),
        "subject_top": Column("REAL", "its upper edge ÷ height of the picture, 0 to 1"),
        "subject_right": Column("REAL", "its right edge ÷ width of the picture, 0 to 1"),
        "subject_bottom": Column("REAL", "its lower edge ÷ height of the picture, 0 to 1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """Both signatures as bytes, rows from the top."""
        width, height = decoded.working.size
        left, top, right, bottom = decoded.steady
        across, down = decoded.scale  # pixels of the picture are as wide as high, those of its working copy nearly so
        share = max((right - left) * across, (bottom - top) * down) / max(decoded.extent)
        return {
            "signature": _pack(decoded.thumb),
            "signature_subject": _pack(decoded.cut(square((left, top, right, bottom)))) if share < SMALL else b"",
            "subject_share": share,
            "subject_left": left / width,
            "subject_top": top / height,
            "subject_right": right / width,
            "subject_bottom": bottom / height,
        }


def square(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The square (left, top, right, bottom; pixels, may reach outside the picture) that a small subject's signature shows."""
    left, top, right, bottom = box
    half = max(right - left, bottom - top) * (0.5 + MARGIN)
    across, down = (left + right) / 2, (top + bottom) / 2
    return across - half, down - half, across + half, down + half


def unpack(blobs: list[bytes]) -> Cells:
    """Signatures as read from the catalog."""
    flat = np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(-1, BYTES)
    luma = flat[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE)
    return Cells(luma, np.moveaxis(flat[:, SIDE * SIDE :].reshape(-1, 2, _HALF, _HALF), 1, 3))


def _pack(cells: Image.Image) -> bytes:
    luma, blue, red = cells.convert("YCbCr").split()
    return b"".join([luma.tobytes(), *(part.reduce(2).tobytes() for part in (blue, red))])


MEASUREMENT = Signature()
